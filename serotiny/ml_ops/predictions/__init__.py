"""Write predictions as tables and files."""
