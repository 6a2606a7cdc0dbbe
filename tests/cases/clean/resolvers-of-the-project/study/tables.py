"""Functions that another module registers."""

MORE = {"twice": lambda a: 2 * a}
