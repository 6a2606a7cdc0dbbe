"""The types of parameters, and checks of values against them."""
