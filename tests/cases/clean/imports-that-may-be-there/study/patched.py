"""What the package puts into it."""
