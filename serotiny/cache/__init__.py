"""Answers that are stored on disk between calls, each with what it was computed from."""
