"""The results of a sweep, with a row for each job, as text, table and pictures."""
