"""Implement the key `extras` of lightning-hydra-template's layout."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.plain_yaml import write_plain_yaml

CONFIG_FILE = "config_tree.log"
TAGS_FILE = "tags.log"


@contextmanager
def applied_extras(plan: Plan, run_dir: Path) -> Iterator[None]:
    """A context in which warnings are ignored if `extras` says so. Config and tags are shown and stored as it says.

    Credentials in the config that is shown are masked.
    """
    extras = plan.config.get("extras") if plan.is_template else None
    if not isinstance(extras, dict):
        yield
        return
    if extras.get("enforce_tags"):
        (run_dir / TAGS_FILE).write_text(f"{plan.config.get('tags')}\n", "utf-8")
    if extras.get("print_config"):
        text = write_plain_yaml(plan.logged_config)
        (run_dir / CONFIG_FILE).write_text(text, "utf-8")
        sys.stderr.write(text)
    with warnings.catch_warnings():
        if extras.get("ignore_warnings"):
            warnings.filterwarnings("ignore")
        yield
