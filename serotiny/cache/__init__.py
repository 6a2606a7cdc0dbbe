"""Cache answers on disk between calls, each with a record of what it was computed from."""
