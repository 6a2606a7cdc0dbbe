"""Judge what a config says to Hydra itself, in its own node."""
