"""A study whose script imports what lies beside it by its bare name."""
