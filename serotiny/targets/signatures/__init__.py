"""What a symbol accepts when it is called, from its source."""
