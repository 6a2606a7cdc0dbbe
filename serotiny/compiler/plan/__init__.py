"""Plans: the config of a job as plain data, and their files."""
