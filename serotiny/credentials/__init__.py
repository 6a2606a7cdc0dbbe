"""Recognise credentials, and mask them in everything that is shown, logged or stored."""
