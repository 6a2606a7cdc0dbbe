"""Checks of what Lightning refuses by code that no signature shows."""
