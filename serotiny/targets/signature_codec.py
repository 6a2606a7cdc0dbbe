"""Answers as JSON and back, for the cache."""

from __future__ import annotations

from typing import Any

from serotiny.targets.signature import (
    BodyNeeds,
    ClassConstant,
    Default,
    Member,
    Parameter,
    ParameterKind,
    Refusal,
    TargetKind,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.value_types.codec import type_from_json, type_to_json

# `Any` here is JSON of the shape that the other function of a pair writes. Data of another shape raises ValueError,
# KeyError, TypeError, IndexError or AttributeError.


def answer_to_json(answer: TargetSignature | TargetNotFound) -> Any:
    """A signature or its absence as plain JSON data."""
    if isinstance(answer, TargetNotFound):
        return {
            "missing": [answer.path, answer.found, answer.missing, list(answer.candidates), answer.installed]
        }
    return {
        "path": answer.path,
        "kind": answer.kind.value,
        "parameters": [_parameter_to_json(parameter) for parameter in answer.parameters],
        "open": answer.open,
        "rest_goes_to": answer.rest_goes_to,
        "ignores_rest": answer.ignores_rest,
        "fixed_positions": answer.fixed_positions,
        "rest_by_name": None if answer.rest_by_name is None else _parameter_to_json(answer.rest_by_name),
        "bases": list(answer.bases),
        "certain": answer.certain,
        "returns": type_to_json(answer.returns),
        "doc": answer.doc,
        "file": answer.file,
        "line": answer.line,
        "through_value": answer.through_value,
        "others": list(answer.others),
        "wraps": list(answer.wraps),
        "failure": answer.failure,
        "refusals": [[item.test, item.message, item.changed] for item in answer.refusals],
    }


def constant_to_json(constant: ClassConstant | None) -> Any:
    """A literal of a class, or that there is none, as plain JSON data."""
    return None if constant is None else {"value": constant.value}


def constant_from_json(data: Any) -> ClassConstant | None:
    """What `constant_to_json` wrote."""
    return None if data is None else ClassConstant(data["value"])


def answer_from_json(data: Any) -> TargetSignature | TargetNotFound:
    """The answer that `answer_to_json` wrote."""
    if "missing" in data:
        path, found, missing, candidates, installed = data["missing"]
        return TargetNotFound(
            path=path, found=found, missing=missing, candidates=tuple(candidates), installed=installed
        )
    return TargetSignature(
        path=data["path"],
        kind=TargetKind(data["kind"]),
        parameters=tuple([_parameter_from_json(parameter) for parameter in data["parameters"]]),
        open=data["open"],
        rest_goes_to=data["rest_goes_to"],
        ignores_rest=data["ignores_rest"],
        fixed_positions=data["fixed_positions"],
        rest_by_name=None if data["rest_by_name"] is None else _parameter_from_json(data["rest_by_name"]),
        bases=tuple(data["bases"]),
        certain=data["certain"],
        returns=type_from_json(data["returns"]),
        doc=data["doc"],
        file=data["file"],
        line=data["line"],
        through_value=data["through_value"],
        others=tuple(data["others"]),
        wraps=tuple(data["wraps"]),
        failure=data["failure"],
        refusals=tuple(
            [Refusal(test, message, tuple(changed)) for test, message, changed in data["refusals"]]
        ),
    )


def members_to_json(members: tuple[Member, ...]) -> Any:
    """The members of a module as plain JSON data."""
    return [[member.name, member.path, member.kind.value] for member in members]


def members_from_json(data: Any) -> tuple[Member, ...]:
    """The members that `members_to_json` wrote."""
    return tuple(Member(name, path, TargetKind(kind)) for name, path, kind in data)


def needs_to_json(needs: BodyNeeds) -> Any:
    """What a body needs as plain JSON data."""
    rows = (needs.types, needs.later, needs.ready)
    types = ([type_to_json(found) for found in row] for row in rows)
    marks = (needs.enforced, needs.unused, needs.decisive, needs.shown)
    return [*marks, list(needs.attributes), *types]


def needs_from_json(data: Any) -> BodyNeeds:
    """The needs that `needs_to_json` wrote."""
    enforced, unused, decisive, shown, attributes, *rows = data
    types, later, ready = (tuple(map(type_from_json, row)) for row in rows)
    return BodyNeeds(
        enforced=enforced,
        unused=unused,
        types=types,
        later=later,
        ready=ready,
        decisive=decisive,
        shown=shown,
        attributes=tuple(attributes),
    )


def _parameter_to_json(parameter: Parameter) -> Any:
    default = parameter.default
    return [
        parameter.name,
        type_to_json(parameter.type),
        parameter.required,
        None if default is None else [default.text, default.literal, default.value],
        parameter.description,
        parameter.kind.value,
        parameter.body,
        list(parameter.choices),
        [list(limit) for limit in parameter.limits],
    ]


def _parameter_from_json(data: Any) -> Parameter:
    name, value_type, required, default, description, kind, body, choices, limits = data
    return Parameter(
        name=name,
        type=type_from_json(value_type),
        required=required,
        default=None if default is None else Default(default[0], default[1], default[2]),
        description=description,
        kind=ParameterKind(kind),
        body=body,
        choices=tuple(choices),
        limits=tuple((word, number) for word, number in limits),
    )
