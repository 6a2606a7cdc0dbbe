"""Hydra as the launcher of jobs that are compiled already."""
