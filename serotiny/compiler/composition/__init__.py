"""Stage one: the configs and overrides of a job, merged into one tree."""
