"""All that a network is built of."""

from study.norms import *  # noqa: F403

try:
    from graphs_of_theirs import Pooling
except ImportError:
    Pooling = None
