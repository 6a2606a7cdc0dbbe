"""Completion of the command line in bash, zsh and fish."""

VARIABLE = "_SEROTINY_COMPLETE"
"""The environment variable that a shell sets to its own name when it asks for completions."""
