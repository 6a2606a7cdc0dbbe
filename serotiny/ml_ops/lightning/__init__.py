"""Code about Lightning itself: its two packages and its output."""
