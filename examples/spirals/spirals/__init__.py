"""Two spirals to tell apart, with parts of one's own."""
