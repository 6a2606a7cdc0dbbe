"""A check of a whole project that remembers its jobs: after an edit those that read the file are compiled again."""
