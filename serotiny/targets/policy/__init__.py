"""What a config may name."""
