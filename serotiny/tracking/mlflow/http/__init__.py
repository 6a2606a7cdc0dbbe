"""What is asked of an MLflow server without its client, and how much is read of any answer."""
