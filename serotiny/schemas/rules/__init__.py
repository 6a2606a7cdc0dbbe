"""What names and places may be, one rule each."""
