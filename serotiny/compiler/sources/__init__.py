"""The configs of a project, wherever they come from."""
