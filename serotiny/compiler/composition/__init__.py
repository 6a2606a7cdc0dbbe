"""Stage one: sources and overrides become one tree."""
