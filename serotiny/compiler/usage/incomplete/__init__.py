"""Tell the faults of a job that would be there in any job from those of a job that nobody runs as it is."""
