"""Read what a function body does with its parameters, where nothing enforces their annotations."""
