"""What the layers put into it."""
