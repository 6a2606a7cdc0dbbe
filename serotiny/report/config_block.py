"""Write a target as YAML, each parameter with its default, type and description."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from serotiny.targets import (
    Parameter,
    ParameterKind,
    TargetKind,
    TargetSignature,
    accepts,
    supplied_by_code,
)
from serotiny.targets.value_types.types import ANY
from serotiny.targets.value_types.words import scalar_text

_WIDTH: Final = 100
_LONGEST_TYPE: Final = 60
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def config_block(path: str, signature: TargetSignature) -> str:
    """The block for a target that a config names by `path`.

    Required parameters are `???`; a default that YAML cannot represent, or that is not of the parameter's own
    type, is in a comment. Parameters of an optimizer or scheduler that only code can supply are left out.
    """
    supplied = supplied_by_code(signature)
    lines = [*_comment(signature.doc), f"_target_: {path}"]
    if supplied:
        names = ", ".join(f"`{name}`" for name in sorted(supplied))
        lines.append(f"_partial_: true  # the code that uses it adds {names}")
    named = [parameter for parameter in signature.parameters if parameter.by_name]
    for parameter in named:
        if parameter.name not in supplied:
            lines += _entry(parameter)
    lines += _positional(signature)
    if signature.kind is TargetKind.UNKNOWN:
        lines.append("# its source does not tell what it takes")
    elif signature.open:
        lines.append("# it takes further keys, which its source does not name")
    return "\n".join(lines) + "\n"


def indented(block: str, name: str) -> str:
    """The block indented below a key, as for callbacks by name."""
    return f"{name}:\n{textwrap.indent(block, '  ')}"


def snake_case(path: str) -> str:
    """A key for an object with a dotted path: `early_stopping` for `….EarlyStopping`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", path.rpartition(".")[2])
    return words.lower().strip("_")


def _entry(parameter: Parameter) -> Iterator[str]:
    kind = "" if parameter.type == ANY else str(parameter.type)
    about = parameter.description
    if len(kind) > _LONGEST_TYPE:
        about, kind = f"{about} ({kind})".strip(), ""
    yield from _comment(_first_sentence(about))
    default = parameter.default
    is_written = default is not None and default.literal and accepts(parameter.type, default.value)
    notes = [kind] if kind else []
    if parameter.required:
        value, notes = "???", [*notes, "required"]
    elif is_written and default is not None:
        value = _flow(default.value)
    else:
        value = " ".join(default.text.split()) if default is not None else ""
    line = f"{parameter.name}: {value}".rstrip()
    if not parameter.required and not is_written:
        line = f"# {line}"
    yield f"{line}  # {', '.join(notes)}" if notes else line


def _positional(signature: TargetSignature) -> Iterator[str]:
    """Lines about parameters that are positional-only."""
    alone = [found for found in signature.parameters if found.kind is ParameterKind.POSITIONAL_ONLY]
    rest = [found for found in signature.parameters if found.kind is ParameterKind.VAR_POSITIONAL]
    required = [found for found in alone if found.required]
    if required:
        yield "_args_:"
        for found in required:
            yield from (f"  {line}" for line in _comment(_first_sentence(found.description)))
            yield f"  - ???  # {found.name}"
    for found in rest:
        yield from _comment(_first_sentence(found.description))
        kind = "" if found.type == ANY else f"  # each {found.type}"
        yield f"# _args_: []{kind}"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def _first_sentence(text: str) -> str:
    found = re.match(r".*?(?<!\be\.g)(?<!\bi\.e)[.!?](?=\s+[A-Z`:]|$)", text)
    sentence = found[0] if found is not None else text
    return f"{sentence}…" if sentence.count("(") > sentence.count(")") else sentence


def _flow(value: Any) -> str:
    """A value on one line, which OmegaConf reads back unchanged."""
    match value:
        case None | bool() | int():
            return scalar_text(value)
        case float():
            return _float(value)
        case str():
            is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
            return value if is_plain else json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{_flow(key)}: {_flow(item)}' for key, item in value.items())}}}"
        case _:
            raise TypeError(f"not JSON data: {value!r}")


def _float(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    mantissa, exponent, power = repr(value).partition("e")
    # other YAML readers take `1e-08` for a text
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{power}" if exponent else mantissa
