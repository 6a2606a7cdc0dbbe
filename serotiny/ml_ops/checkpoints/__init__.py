"""Checkpoints: how they are written, where they are kept, which one is used."""
