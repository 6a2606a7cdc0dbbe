"""A study that goes on with a model that was stored."""
