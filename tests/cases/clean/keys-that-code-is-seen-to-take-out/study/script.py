"""The script that takes out what is for it alone."""

from hydra.utils import instantiate


def without_notes(cfg):
    """Takes out every `_aux`, at any depth."""
    for key, value in list(cfg.items()):
        if hasattr(value, "items"):
            without_notes(value)
        if key == "_aux":
            del cfg[key]


def callbacks(cfg):
    """Makes the callbacks that are not disabled."""
    for callback_cfg in cfg.trainer.callbacks.values():
        if not callback_cfg.pop("disable", False):
            yield instantiate(callback_cfg)
