"""`serotiny predict`."""

from serotiny.cli.operation import operation_command

command = operation_command("predict", "Predict with a trained model.")
