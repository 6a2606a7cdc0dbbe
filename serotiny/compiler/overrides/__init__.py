"""Overrides of the command line: as typed, applied, swept over."""
