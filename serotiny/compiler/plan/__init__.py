"""A job as plain data, and its file."""
