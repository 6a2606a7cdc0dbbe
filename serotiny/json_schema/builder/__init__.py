"""One node of a config as a JSON Schema."""
