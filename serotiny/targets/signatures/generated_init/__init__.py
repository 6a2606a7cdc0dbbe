"""Constructors that a decorator or a base class generates."""
