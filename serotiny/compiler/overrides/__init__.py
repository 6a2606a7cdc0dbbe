"""Overrides of the command line: parsed, applied, and expanded for sweeps."""
