"""What a model predicts, as tables and files."""
