"""Stage three: check every value against the schema of its group and the signature of its target."""
