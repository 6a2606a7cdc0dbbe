"""JSON Schemas (draft-07) of config groups and operations for editors, made from signatures and group schemas."""
