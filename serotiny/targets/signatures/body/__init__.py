"""What a body does with its parameters, where annotations are promises that nobody keeps."""
