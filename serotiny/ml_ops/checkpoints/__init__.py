"""Checkpoints: write them, store them, and choose which one to use."""
