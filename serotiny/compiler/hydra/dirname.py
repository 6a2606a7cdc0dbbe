"""`hydra.job.override_dirname`: the overrides of a job as one name, which configs put into the names of folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.syntax.override import key_of
from serotiny.compiler.tree import escaped

FORM: Final = (HYDRA, "job", "config", "override_dirname")
"""The key of the settings by which it is written."""


@dataclass(frozen=True)
class DirnameForm:
    """How the overrides of a job become one name.

    Attributes:
        exclude_keys: the keys of the overrides that are left out.
        item_sep: what stands between two overrides.
        kv_sep: what stands for the `=` of each.
    """

    exclude_keys: tuple[str, ...] = ()
    item_sep: str = ","
    kv_sep: str = "="

    def dirname(self, overrides: Sequence[str]) -> str:
        """The name of a job. Interpolations stay as typed, so that no secret gets into a folder's name."""
        kept = sorted(text for text in overrides if key_of(text) not in self.exclude_keys)
        return escaped(self.item_sep.join(kept).replace("=", self.kv_sep))


def dirname_form(config: DictConfig) -> DirnameForm | None:
    """The form that the settings ask for; None where they hold interpolations.

    Args:
        config: a config with nothing but Hydra's node.
    """
    settings = OmegaConf.select(config, ".".join(FORM))
    if "${" in str(OmegaConf.to_container(settings, resolve=False)):
        return None
    return DirnameForm(tuple(settings.exclude_keys), settings.item_sep, settings.kv_sep)
