"""The networks of the study."""

from study.registry import register


@register("wide/net")
class Wide:
    """Takes a width."""

    def __init__(self, width):
        self.width = width


@register(name="plain")
class Plain:
    """Takes nothing."""
