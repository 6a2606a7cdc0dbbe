"""The script that registers what decides."""

from omegaconf import OmegaConf

OmegaConf.register_new_resolver("pick_size", lambda model: f"{model}_small")
OmegaConf.register_new_resolver("pick_part", lambda name: name)
