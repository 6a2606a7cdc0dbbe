"""A study whose parts take what they need from a mapping."""
