"""What is particular to Lightning: its two packages, its output."""
