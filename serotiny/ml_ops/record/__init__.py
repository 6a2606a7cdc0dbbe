"""What of a job goes on record: parameters, where it comes from, what is asked of the tracking store."""
