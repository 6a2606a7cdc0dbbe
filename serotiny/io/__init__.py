"""Read data: tables, and the files that their cells name."""
