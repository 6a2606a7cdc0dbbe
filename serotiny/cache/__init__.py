"""Answers that are remembered on disk, with what they were read from."""
