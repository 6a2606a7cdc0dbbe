"""How to write a value of the wrong type so that it has the expected one."""

from __future__ import annotations

import ast
import re
from typing import Final

from serotiny.compiler.overrides.quoting import for_shell, quoted
from serotiny.compiler.overrides.unreadable.other_forms import MINUS_SIGNS
from serotiny.compiler.overrides.value_forms import CLASS, LISTS, ROW, SWITCHES, form_of, written_as_list
from serotiny.compiler.syntax.other_forms import called_path, meant_line, meant_reference, meant_sweep
from serotiny.compiler.tree import Keys, Node, join
from serotiny.compiler.validation.causes.mistaken_targets import path_slip
from serotiny.diagnostics import Place
from serotiny.targets.value_types.tolerance import reads_as_number

_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]\w*)\}?", re.ASCII)
_OF_ENVIRONMENT: Final = re.compile(r"\$\{oc\.env:[^${}]+\}")
_EXPRESSION: Final = re.compile(r"[\w.]+ ?(?:\*\*?|[-+/^]) ?-?[\w.]+|\w+\(.*\)", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
_OF_A_TYPE: Final = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)[fFlLdDuU]", re.ASCII)
"""A number with the letter of its type behind it, as C and Java have it."""
_OTHER_BASE: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_SPAN: Final = re.compile(r"(\d{1,9})\s*(?:\.\.+|:|-)\s*(\d{1,9})")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WITH_MORE: Final = re.compile(r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?:[;,]|//.*)", re.ASCII)
"""A number with a sign or a comment of another language behind it."""
_NOT_FINITE: Final = re.compile(r"([+-]?)(?:\.?(nan|inf)|(inf)inity)", re.IGNORECASE)
"""`.inf` is YAML's spelling, which Hydra does not read in an override; `inf` and `infinity` are Python's."""
NAME_A_CLASS: Final = "name a class below it: `_target_: …`"
_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def is_path(text: str) -> bool:
    """Whether a text is a dotted path."""
    return _PATH.fullmatch(text) is not None


def written_right(node: Node, keys: Keys, expected: str) -> str | None:
    """How to write a value so that it has the expected type; None if it is not clear.

    Args:
        node: the value.
        keys: where it is.
        expected: the type in words, as the message has it.
    """
    value, words = node.value, set(re.findall(r"\w+", expected))
    if isinstance(value, str):
        return _text_written_right(value, node.place, keys, expected=expected)
    if isinstance(value, bool | int) and "bool" in words and "int" not in words and str(value) in SWITCHES:
        return f"write `{SWITCHES[str(value)]}`"
    if isinstance(value, float) and "int" in words and "float" not in words:
        return f"write `{value:.0f}`" if value.is_integer() else "write a whole number"
    if isinstance(value, bool | int | float) and words & LISTS:
        return f"write `[{str(value).lower()}]`"
    if isinstance(value, bool | int | float) and "str" in words:
        return _as_text(node.place)
    if (
        isinstance(value, dict)
        and "str" in words
        and value
        and not any(child.value for child in value.values())
    ):
        return f"put it in quotes for a text: `'{{{', '.join(map(str, value))}}}'`"
    if "list" in words and _is_named_objects(node):
        return "write them as a list, without their names: `- _target_: …`"
    if isinstance(value, list) and "mapping" in words and "list" not in words:
        return "give each a name, in place of its dash: `NAME:`, and what it has below"
    sweep = None
    if isinstance(value, list) and words & {"int", "float", "bool"} and "str" not in words:
        sweep = meant_sweep(keys, node.plain(), node.place)
    elif isinstance(value, dict) and words & {"int", "float"} and not {"dict", "Mapping"} & words:
        sweep = meant_sweep(keys, node.logged(), node.place, is_whole="float" not in words)
    is_class = isinstance(value, dict) and _is_class(expected)
    return sweep or (NAME_A_CLASS if is_class else form_of(value, expected))


def decoded(node: Node, expected: str) -> str | None:
    """How to read what a variable of the environment holds, which is a text; None where it is not the whole value."""
    reference = node.reference.text if node.reference is not None else ""
    of_text = set(re.findall(r"\w+", expected)) & {"int", "float", "bool", "mapping", *LISTS}
    if not of_text or _OF_ENVIRONMENT.fullmatch(reference) is None:
        return None
    return f"a variable holds a text: `${{oc.decode:{reference}}}` is what stands in it"


def _text_written_right(value: str, place: Place, keys: Keys, *, expected: str) -> str | None:
    words, plain = set(re.findall(r"\w+", expected)), value.strip().lower()
    is_number = bool(words & {"int", "float"})
    if value == "" and place.override is not None:
        return "nothing stands behind `=`; write `null` for none"
    if plain == "none" and "null" in words:
        return "write `null` for none: `None` is a text"
    if plain in ("true", "false") and "bool" in words:
        return f"write `{plain}` without quotes"
    if plain in SWITCHES and "bool" in words and "int" not in words:
        return f"write `{SWITCHES[plain]}`"
    span = _SPAN.fullmatch(value) if "int" in words else None
    if span is not None:
        override = f"{join(keys)}=range({span[1]},{int(span[2]) + 1})"
        return f"`-m {for_shell(override)}` runs a job for every number from {span[1]} to {span[2]}"
    not_finite = _NOT_FINITE.fullmatch(value) if "float" in words else None
    if not_finite is not None:
        dot = "." if place.override is None else ""
        return f"write `{not_finite[1]}{dot}{(not_finite[2] or not_finite[3]).lower()}`"
    if is_number and reads_as_number(value):
        return f"write `{_as_number(value)}` without quotes"
    with_minus = value.translate(MINUS_SIGNS)
    if is_number and with_minus != value and reads_as_number(with_minus):
        return f"write `{_as_number(with_minus)}`: its minus sign is another sign"
    if words & LISTS and ROW.fullmatch(value):
        return written_as_list(value)
    comma = _DECIMAL_COMMA.fullmatch(value) if "float" in words else None
    if comma is not None:
        return f"a point stands before decimals: `{comma[1]}.{comma[2]}`"
    if (sweep := meant_sweep(keys, value, place)) is not None:
        return sweep
    if is_number and (meant := _meant_number(value)) is not None:
        return meant
    if expected.startswith("class derived from"):
        named = value if is_path(value) else path_slip(value) or "…"
        return f"a config holds no classes: write `{{_target_: hydra.utils.get_class, path: {named}}}`"
    if place.override is None and "str" not in words and (line := meant_line(value)) is not None:
        return line
    is_called = "callable" in words or CLASS.search(expected) is not None
    called = called_path(value) if is_called else None
    if called is not None:
        return f"name the class below it: `_target_: {called}`, and each argument as a key beside that"
    path = value if is_path(value) else path_slip(value)
    if path is not None and is_called:
        return f"name the class below it: `_target_: {path}`"
    if _is_class(expected) or (is_called and not words & {"str", "int", "float"}):
        return NAME_A_CLASS
    return form_of(value, expected)


def _as_number(text: str) -> str:
    """A text that is a number as files and overrides have it."""
    if _PLAIN_NUMBER.fullmatch(text.strip()):
        return text.strip()
    try:
        return str(int(text))
    except ValueError:
        return f"{float(text):g}"


def _meant_number(text: str) -> str | None:
    """What to write for a text that stands where a number is expected, as other programs would take it."""
    with_more = _WITH_MORE.fullmatch(text)
    if with_more is not None:
        return f"write `{with_more[1]}`; a comment begins with ` #`"
    of_a_type = _OF_A_TYPE.fullmatch(text)
    if of_a_type is not None:
        return f"write `{of_a_type[1]}`"
    percent = _PERCENT.fullmatch(text.strip())
    if percent is not None:
        return f"write `{float(percent[1]) / 100:g}`"
    variable = _VARIABLE.fullmatch(text)
    if variable is not None:
        return f"write `${{oc.decode:${{oc.env:{variable[1]}}}}}` for the value of the variable"
    if (reference := meant_reference(text)) is not None:
        return f"write `{reference}`"
    if _OTHER_BASE.fullmatch(text) is not None:
        return f"write `{int(text, 0)}`"
    if _EXPRESSION.fullmatch(text) is not None and _is_python(text):
        return "write the result, or refer to a value with `${…}`: a config does not calculate"
    return None


def _is_python(text: str) -> bool:
    """Whether Python can read a text as an expression: `1e-3x` is none."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _is_class(expected: str) -> bool:
    """Whether a class is asked for: a type with parentheses is an enum with its members."""
    words = set(re.findall(r"\w+", expected))
    return bool(CLASS.search(expected)) and "(" not in expected and not words & {"str", "int", "float"}


def _is_named_objects(node: Node) -> bool:
    """Whether a mapping contains only mappings with a `_target_`."""
    return (
        node.is_mapping
        and bool(node.value)
        and all(child.get("_target_") is not None for child in node.value.values())
    )


def _as_text(place: Place) -> str:
    override = place.override
    if override is not None and override.partition("=")[2][:1] in ("{", "["):
        return "put it in quotes for a text"
    form = quoted(override, override.partition("=")[2]) if override is not None else None
    return "put it in quotes for a text" if form is None else f"write `{form}` for a text"
