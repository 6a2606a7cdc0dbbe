"""The package of the runner."""
