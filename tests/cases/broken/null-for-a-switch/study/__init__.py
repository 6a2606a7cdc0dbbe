"""A study whose switches are null."""
