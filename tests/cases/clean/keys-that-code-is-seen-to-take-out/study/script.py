"""The script that takes out what is for it alone."""

from typing import cast

from hydra.utils import instantiate
from omegaconf import OmegaConf

from study.parts import Net

FOR_RUN = {"rounds"}


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


def run(cfg):
    """Makes the model with what is not for its run."""
    whole = cast(dict, OmegaConf.to_container(cfg.model, resolve=True))
    return Net(**{key: value for key, value in whole.items() if key not in FOR_RUN | {"_target_"}})
