"""What is marked."""

from study.marks import marked, prefixed


@marked()
def thrice(a):
    """Is a resolver of this name."""
    return 3 * a


@prefixed
def fourfold(a):
    """Is one of a longer name."""
    return 4 * a
