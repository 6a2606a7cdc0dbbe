"""A study whose steps are counted once its data is read."""
