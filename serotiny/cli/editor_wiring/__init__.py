"""Tell editors which schema belongs to which config."""
