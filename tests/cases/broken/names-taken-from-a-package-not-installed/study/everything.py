"""All of theirs."""

from graphs_of_theirs import *  # noqa: F403
