"""What is a credential, and how it is kept out of what is shown."""
