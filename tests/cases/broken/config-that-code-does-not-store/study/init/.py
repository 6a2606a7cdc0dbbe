"""A study whose structured configs are in Hydra's store."""
