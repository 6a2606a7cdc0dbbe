"""Check a whole project incrementally: after an edit only the jobs that read the edited file are compiled again."""
