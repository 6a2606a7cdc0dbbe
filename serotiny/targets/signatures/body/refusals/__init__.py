"""What a body refuses of its arguments, in terms of these."""
