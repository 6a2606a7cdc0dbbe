"""Reading data: tables and what their cells refer to."""
