"""The script that makes the objects."""

from importlib import import_module

import hydra


def by_path(path):
    """The class that a dotted path names."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def make(cfg, net):
    """Give what a config cannot hold."""
    head_cfg = cfg.parts.head
    hydra.utils.instantiate(head_cfg, net.width)
    optimizer_cls = by_path(cfg.task.optimizer_cls)
    return hydra.utils.instantiate(cfg.task, net=net, optimizer_cls=optimizer_cls)


def make_model(cfg, env):
    """The model takes what only code has."""
    return hydra.utils.instantiate(cfg.model, width=env.width)
