"""Check what the code of a project or of a target calls with values of a config."""
