"""What a shell is offered for the word under the cursor."""
