"""What a dotted path, or a name within a module, leads to."""
