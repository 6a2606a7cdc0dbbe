"""What calling a function, a class or a value takes."""
