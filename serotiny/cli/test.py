"""`serotiny test`."""

from serotiny.cli.operation import operation_command

command = operation_command("test", "Test a trained model on the test split.")
