"""What a sweep came to: a row a job, as text, table and pictures."""
