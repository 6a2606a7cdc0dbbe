"""The targets that editors and schemas offer for a config."""
