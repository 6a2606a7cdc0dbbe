"""Explanations of a key or a code."""
