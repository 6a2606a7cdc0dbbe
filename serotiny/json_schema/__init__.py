"""JSON Schemas of config groups and operations, for editors: draft-07, made from signatures and group schemas."""
