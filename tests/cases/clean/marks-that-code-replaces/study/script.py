"""The script that puts a number in the place of a mark."""


def fill(cfg, width):
    """Called before anything is made of the config."""
    for key, value in cfg.model.items():
        if value == "_width_of_data_":
            cfg.model[key] = width
