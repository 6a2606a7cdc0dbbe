"""A study whose parts get from code what they ask for."""
