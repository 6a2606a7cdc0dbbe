"""Nodes with a `_target_`: each key against the parameters of the target, and what nested ones make."""
