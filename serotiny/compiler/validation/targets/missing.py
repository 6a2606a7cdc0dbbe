"""Parameters that a call needs and that nothing gives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from serotiny.compiler.project import Layout
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.diagnostics import Diagnostic
from serotiny.targets import Parameter, ParameterKind
from serotiny.targets.lightning import supplied_by_code
from serotiny.targets.value_types.types import ANY


def missing_parameters(
    target: TargetNode, given: Collection[Any], layout: Layout, code: ProjectCode
) -> list[Diagnostic]:
    """SER302 for what a call needs, and neither these names nor the code of the library give."""
    if target.is_partial or target.called_later or target.node.incomplete:
        return []
    arguments = target.node.get("_args_")
    by_position = len(arguments.value) if arguments is not None and arguments.is_list else 0
    if arguments is not None and not arguments.is_list:
        return []
    supplied = {parameter.name for parameter in target.signature.positional[:by_position]}
    by_code = supplied_by_code(target.signature)
    is_run_here = layout.is_own or layout.is_template
    at_once = target.keys[:-1] and is_run_here and target.keys[0] in _BUILT_BY_HYDRA
    if not at_once and not (target.is_nested and code.making.makes_around(target.keys)):
        supplied |= by_code
    missing = [
        parameter
        for parameter in target.signature.parameters
        if parameter.required and parameter.name not in given and parameter.name not in supplied
    ]
    return [
        Diagnostic(
            "SER302",
            f"{signature_name(target)} needs `{parameter.name}`",
            target.target.place,
            target.place_key(parameter.name),
            help=_PARTIAL if parameter.name in by_code else _how_to_give(parameter),
        )
        for parameter in missing
        if parameter.kind is not ParameterKind.VAR_POSITIONAL
    ]


_BUILT_BY_HYDRA = ("data", "model", "trainer")
"""The groups that Hydra instantiates as a whole: nested targets are called at once, with their own arguments."""

_PARTIAL = "add `_partial_: true`: only code can give it, and with that it is called when there is one"


def _how_to_give(parameter: Parameter) -> str:
    if parameter.type == ANY:
        return f"add `{parameter.name}: …`"
    return f"add `{parameter.name}: …` ({parameter.type})"
