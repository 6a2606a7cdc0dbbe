"""Rules for names and locations in a config."""
