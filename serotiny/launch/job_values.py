"""Resolve what a plan has left to the running job: the values of `${hydra:…}`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from omegaconf import Container, DictConfig, OmegaConf

from serotiny.compiler.plan.plan import Plan
from serotiny.plain_config import Keys, join

_READS_ENVIRONMENT = re.compile(r"\$\{\s*oc\.env\s*:")


def with_job_values(plan: Plan, config: DictConfig) -> Plan:
    """The plan with its remaining interpolations resolved, in `config` and in `logged_config`.

    Args:
        plan: as compiled.
        config: the job's config as Hydra holds it while the job runs.
    """
    open_keys = plan.open_keys
    if not open_keys:
        return plan
    found = {keys: _value(_at(plan.config, keys), config) for keys in open_keys}
    shown = {
        keys: value
        for keys, value in found.items()
        if not _READS_ENVIRONMENT.search(_at(plan.config, keys))  # values from the environment are not logged
    }
    return replace(
        plan,
        config=_replaced(plan.config, found),
        logged_config=_replaced(plan.logged_config, shown),
        job_keys=tuple(join(keys) for keys in open_keys),
    )


def _value(text: str, config: DictConfig) -> Any:
    holder = OmegaConf.create({"value": text})
    # so that its interpolations are looked up in the job's config, which itself stays unresolved
    holder._set_parent(config)
    return _plain(holder)["value"]


def _plain(value: Any) -> Any:
    """A value as plain data; what a resolver makes may hold parts of the config, with their interpolations."""
    if isinstance(value, Container):
        return _plain(OmegaConf.to_container(value, resolve=True, enum_to_str=True))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value


def _replaced(value: Any, values: dict[Keys, Any], keys: Keys = ()) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, values, (*keys, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, values, (*keys, index)) for index, item in enumerate(value)]
    return values.get(keys, value)
