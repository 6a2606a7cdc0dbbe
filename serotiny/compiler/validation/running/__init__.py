"""What a run does with a job of another layout, compared with what the project's own script does."""
