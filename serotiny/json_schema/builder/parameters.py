"""A target's signature as a schema: exactly its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from serotiny.json_schema.fragments import LATER, JsonSchema, shortened
from serotiny.json_schema.group_fields import HYDRA_KEYS
from serotiny.targets.lightning import supplied_by_code
from serotiny.targets.tolerated import works_with
from serotiny.targets.value_types.types import ANY, NONE, LiteralType, union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serotiny.json_schema.builder.role import Builder
    from serotiny.targets import Parameter, TargetSignature

_LIMITS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""The keywords that tell the limits of a number, by the words of `Parameter.limits`."""


def target_schema(path: str, signature: TargetSignature, builder: Builder) -> JsonSchema:
    """The parameters of a target; a key that is not a parameter is refused unless the signature is open.

    No parameter is required, since one file is only a part of the config that the target gets.
    """
    by_code = supplied_by_code(signature)
    properties: dict[str, Any] = {
        parameter.name: parameter_schema(
            parameter,
            builder,
            may_be_null=parameter.name in by_code or works_with(signature, parameter, None),
        )
        for parameter in signature.parameters
        if parameter.by_name
    }
    # Hydra's own keys are only allowed here; the schema of the node describes them
    properties |= dict.fromkeys(HYDRA_KEYS, True)
    properties["_target_"] = {"description": shortened(signature.doc)} if signature.doc else True
    properties["_args_"] = _positional(signature, builder)
    properties["defaults"] = True
    return {
        "title": path.rpartition(".")[2],
        "properties": properties,
        "additionalProperties": builder.anything() if signature.open or signature.ignores_rest else False,
    }


def parameter_schema(parameter: Parameter, builder: Builder, *, may_be_null: bool) -> JsonSchema:
    """One parameter: a reference to its type, its description and its default.

    Args:
        parameter: the parameter.
        builder: what makes the schema of its type.
        may_be_null: null is accepted whatever its type is: code replaces it, or works with it.
    """
    schema: JsonSchema = {}
    if description := _description(parameter):
        schema["description"] = description
    default = parameter.default
    if default is not None and default.literal:
        schema["default"] = default.value
    accepted = union(parameter.type, NONE) if may_be_null else parameter.type
    value = builder.value(accepted, parameter.name)
    by_body = [*_limits(parameter), *_choices(parameter)]
    # beside a reference other keywords do not count
    return schema | ({"allOf": [value, *by_body]} if by_body else value)


def _limits(parameter: Parameter) -> Iterator[JsonSchema]:
    """What the body demands of a number; a text may still be an interpolation."""
    found = {_LIMITS[word]: limit for word, limit in parameter.limits if word in _LIMITS}
    if found:
        yield found


def _choices(parameter: Parameter) -> Iterator[JsonSchema]:
    """What the body demands of a text."""
    if parameter.choices:
        texts = [{"enum": list(parameter.choices)}, {"pattern": LATER}]
        expected = f"Expected {LiteralType(parameter.choices)}, or ${{key}}."
        yield {"if": {"type": "string"}, "then": {"anyOf": texts, "errorMessage": expected}}


def _description(parameter: Parameter) -> str:
    words = ["Required."] if parameter.required else []
    if parameter.description:
        words.append(shortened(parameter.description))
    if parameter.type != ANY:
        words.append(f"({parameter.type})")
    default = parameter.default
    if default is not None and not default.literal:
        words.append(f"Default: `{default.text}`.")
    return " ".join(words)


def _positional(signature: TargetSignature, builder: Builder) -> JsonSchema:
    """`_args_`: each item of the type of its parameter, and at most as many as the target takes."""
    takes = signature.positional
    schema: JsonSchema = {"type": ["array", "string"], "pattern": LATER}
    if not takes:
        schema["items"] = builder.anything()
    else:
        schema["items"] = [builder.value(parameter.type) for parameter in takes]
        schema["additionalItems"] = builder.anything()
    if signature.rest is not None or signature.open:
        return schema
    message = f"Expected at most {len(takes)} positional arguments, or ${{key}}."
    return {**schema, "maxItems": len(takes), "errorMessage": message}
