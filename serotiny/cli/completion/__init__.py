"""What a shell is offered for the word under the cursor."""

VARIABLE = "_SEROTINY_COMPLETE"
"""Set to a shell's name when that shell asks what a word may be completed to."""
