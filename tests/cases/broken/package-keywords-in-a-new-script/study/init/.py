"""A study that was written for Hydra 1.0, and whose script was not."""
