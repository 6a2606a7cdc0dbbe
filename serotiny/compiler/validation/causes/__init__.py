"""Where a fault comes from that shows elsewhere: a replaced target, the project's own code, a word of another tool."""
