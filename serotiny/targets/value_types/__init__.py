"""The types that a parameter may have, and values judged by them."""
