"""`serotiny train`."""

from serotiny.cli.operation import operation_command

command = operation_command("train", "Train a model, and record the run.")
