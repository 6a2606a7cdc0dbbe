"""JSON Schemas of the nodes and values of a config."""
