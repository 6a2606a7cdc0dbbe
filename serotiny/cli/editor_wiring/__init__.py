"""Configure editors to use the schema that belongs to each config."""
