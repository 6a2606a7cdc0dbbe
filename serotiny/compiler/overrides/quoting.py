"""An argument that Hydra's grammar refuses: what is wrong with it, and how to write what was meant."""

from __future__ import annotations

import re
import shlex

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.overrides.mapping_form import meant_mapping
from serotiny.compiler.syntax.other_forms import meant_reference
from serotiny.diagnostics import Diagnostic, Origin, Place

_FORMS = "write `key=value`, `+key=value`, `++key=value`, `group=option` or `~key`"
_UNQUOTED = re.compile(r"[\w/\-\\+.$%*@?|: \t]", re.ASCII)
"""Characters that a value may hold without quotes; commas and brackets have a meaning in the grammar."""

_IN_GRAMMAR = re.compile(r"[\[\]{}(),='\"]")
_INTERPOLATION = re.compile(r"\$\{[^{}]*\}")
_WORD = re.compile(r"[^\[\]{}(),:\s]+")

_PAIRS = {"[": "]", "{": "}"}
_BRACKETS = {**_PAIRS, "(": ")"}
_QUOTED = re.compile(r"""(?<!\\)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CALCULATION = re.compile(r"(?=.*[-+*/^])[\d.e\s()*/^+-]+")
_CALL = re.compile(r"([A-Za-z_]\w*)\(.*\)", re.ASCII)
_FUNCTIONS = {
    "choice": "choice(a,b)",
    "range": "range(1,5)",
    "glob": "glob(a*)",
    "interval": "interval(0.1,1)",
    "sort": "sort(3,1)",
    "shuffle": "shuffle(a,b)",
    "tag": "tag(best,choice(a,b))",
    "int": "int(3.0)",
    "float": "float(3)",
    "str": "str(3)",
    "bool": "bool(1)",
}
"""Hydra's functions, with an example of each."""
_KEY_IN_QUOTES = re.compile(r"[{,]\s*(?:'[^']*'|\"[^\"]*\")\s*:")
_FURTHER = re.compile(r"([\w./:-]+)[\s,;]+([+~]*[a-z_][\w./@]*=\S+)", re.ASCII)
"""A value with another override behind it."""


def span_in(text: str, start: int, end: int) -> Place:
    """A span of an argument; columns count from 1."""
    return Place(Origin.OVERRIDE, None, line=1, column=start, end_line=1, end_column=end, override=text)


def quoted(text: str, value: str) -> str | None:
    """The argument `text` for a shell, with its value (or an element of it) `value` as a text in quotes.

    Returns:
        None when no quoting makes it the text that was typed.
    """
    key, equals, whole = text.partition("=")
    if not equals or not value or value not in whole:
        return None
    for mark in '"', "'":
        form = f"{mark}{value}{mark}" if mark not in value and not value.endswith("\\") else None
        if form is not None and reads_as(f"{key}={form}", value):
            return for_shell(f"{key}={whole.replace(value, form, 1)}")
    # as Hydra writes quoted texts itself: backslashes are doubled only before a quote
    escaped = re.sub(r'(\\*)(")', lambda found: found[1] * 2 + r"\"", value)
    whole_form = f'"{escaped}"'
    return (
        for_shell(f"{key}={whole_form}")
        if value == whole and reads_as(f"{key}={whole_form}", value)
        else None
    )


def not_an_override(text: str) -> Diagnostic:
    """SER106 for an argument that is no override, at the character where that is known."""
    key, equals, value = text.partition("=")
    start = len(key) + 2
    if not equals:
        return _without_equals(text)
    if not key.strip("+~@ "):
        return _fault(text, "no key stands before `=`", (1, len(text) + 1), _FORMS)
    if key.lstrip("+~").startswith("@"):
        at = key.index("@") + 1
        fix = f"write `{for_shell(text.replace('@', '', 1))}`, or `GROUP` before `@` for an option at that package"
        return _fault(text, "no group stands before `@`", (at, at + 1), fix)
    if key != key.rstrip() or (value.startswith(" ") and not value.strip().startswith(("'", '"'))):
        form = f"{key.strip()}={value.strip()}"
        return _fault(text, "spaces stand around its `=`", (1, len(text) + 1), f"write `{for_shell(form)}`")
    if not is_key(key):
        return _bad_key(text, key, value)
    if (unbalanced := _unbalanced(text, value, start)) is not None:
        return unbalanced
    if value[:1] in "'\"" and value[:1]:
        if not re.search("['\"]", _QUOTED.sub("", value)) and (stray := _stray_sign(text, key, value)):
            return stray
        fix = f"close the quotes: `{value[0]}` stands at both ends of a text, and is written `\\{value[0]}` in it"
        return _fault(text, f"its quotes ({value[0]}) do not match", (start, start + 1), fix)
    if value.count("${") > value.count("}"):
        at = start + value.rindex("${")
        return _fault(text, "`${` is not closed", (at, at + 2), "close it with `}`")
    if (reference := meant_reference(value)) is not None:
        fix = f"write `{for_shell(f'{key}={reference}')}`"
        return _fault(text, "its value is no interpolation", (start, len(text) + 1), fix)
    if value.startswith("=") and reads(single := f"{key}={value.lstrip('= ')}"):
        return _fault(text, "`=` stands twice", (start - 1, start + 1), f"write `{for_shell(single)}`")
    if value.startswith("{") and _KEY_IN_QUOTES.search(value):
        plain = _KEY_IN_QUOTES.sub(lambda found: re.sub("['\"]", "", found[0]), value)
        fix = (
            f"write `{for_shell(f'{key}={plain}')}`"
            if reads(f"{key}={plain}")
            else "write them without quotes"
        )
        fix = f"{fix}; a mapping with other keys belongs in a file"
        return _fault(text, "its keys stand in quotes", (start, len(text) + 1), fix)
    in_brackets = value[:1] in _PAIRS and value.endswith(_PAIRS[value[0]])
    meant = None if in_brackets or "${" in value else quoted(text, value)
    if (other_form := _other_form(key, value)) is not None:
        why, fix = other_form
        as_text = "" if meant is None else f", or `{meant}` for one text"
        return _fault(text, why, (start, len(text) + 1), f"{fix}{as_text}")
    further = _FURTHER.fullmatch(value)
    if meant is not None and further is not None and reads(further[2]):
        first, second = for_shell(f"{key}={further[1]}"), for_shell(further[2])
        fix = f"write `{first} {second}` for two overrides, or `{meant}` for one text"
        at = start + further.start(2)
        return _fault(text, "another override stands in its value", (at, at + len(further[2])), fix)
    if meant is None:
        if (stray := _stray_sign(text, key, value)) is not None:
            return stray
        fix = f"{_FORMS}; a text with other signs stands in quotes"
        return _fault(text, "its value cannot be read", (start, max(len(text), start) + 1), fix)
    at = next((index for index, sign in enumerate(value) if not _UNQUOTED.match(sign)), 0)
    message = f"`{value[at]}` stands in a value only in quotes"
    place = span_in(text, start + at, start + at + 1)
    return Diagnostic("SER106", message, place, key.lstrip("+~"), help=f"write `{meant}`")


def _unbalanced(text: str, value: str, start: int) -> Diagnostic | None:
    """SER106 for a bracket in `value`, which begins at column `start`, that is not closed, or that closes nothing."""
    opened: list[int] = []
    missing: list[int] = []
    repaired = ""
    # what stands in quotes is masked, so that positions stay
    for index, sign in enumerate(_QUOTED.sub(lambda found: " " * len(found[0]), value)):
        if sign in _BRACKETS:
            opened.append(index)
        elif sign in _BRACKETS.values():
            while opened and sign != _BRACKETS[value[opened[-1]]]:
                repaired += _BRACKETS[value[opened[-1]]]
                missing.append(opened.pop())
            if opened:
                opened.pop()
            elif not missing and index == len(value) - 1 and index > 0 and reads(text[:-1]):
                fix = f"write `{for_shell(text[:-1])}`"
                return _fault(text, f"`{sign}` closes nothing", (start + index, start + index + 1), fix)
        repaired += value[index]
    repaired += "".join(_BRACKETS[value[index]] for index in reversed(opened))
    missing += reversed(opened)
    if not missing:
        return None
    at = missing[-1]
    sign = value[at]
    fix = f"close it with `{_BRACKETS[sign]}`"
    if reads(whole := f"{text[: start - 1]}{repaired}"):
        fix = f"{fix}: write `{for_shell(whole)}`"
    elif at != 0 or sign not in _PAIRS:
        return None
    begin = at - (value[at - 1 : at] == "$")
    return _fault(text, f"`{value[begin : at + 1]}` is not closed", (start + begin, start + at + 1), fix)


def _stray_sign(text: str, key: str, value: str) -> Diagnostic | None:
    """SER106 for the first sign, in a part of a value, that only a text in quotes may have."""
    masked = value
    for pattern in _QUOTED, _INTERPOLATION:
        masked = pattern.sub(lambda found: " " * len(found[0]), masked)
    for word in _WORD.finditer(masked):
        at = next(
            (
                i
                for i in range(*word.span())
                if not _UNQUOTED.match(value[i]) and not _IN_GRAMMAR.match(value[i])
            ),
            None,
        )
        if at is None:
            continue
        place = span_in(text, at + len(key) + 2, at + len(key) + 3)
        form = f'{key}={value[: word.start()]}"{word[0]}"{value[word.end() :]}'
        if reads(form):
            message, fix = f"`{value[at]}` stands in a value only in quotes", f"write `{for_shell(form)}`"
        elif value[word.end() :].lstrip()[:1] == ":":
            message = f"`{value[at]}` cannot stand in a key"
            fix = "set it in a file: overrides have keys of the letters a to z alone"
        else:
            message, fix = f"`{value[at]}` stands in a value only in quotes", "put each such text in quotes"
        return Diagnostic("SER106", message, place, key.lstrip("+~"), help=fix)
    return None


MINUS_SIGNS = str.maketrans("−–—", "---")
"""Signs that other programs write for a minus."""


def _other_form(key: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a value that is written as in Python, and how overrides have it; None for another one."""
    mapping = meant_mapping(value)
    if mapping is not None and reads(as_mapping := f"{key}={mapping[1]}"):
        return mapping[0], f"write `{for_shell(as_mapping)}`"
    brackets = value[:1] + value[-1:]
    in_brackets = f"{key}=[{value[1:-1]}]"
    if (brackets == "{}" or (brackets == "()" and "," in value)) and reads(in_brackets):
        return "a list stands in square brackets", f"write `{for_shell(in_brackets)}`"
    if value.startswith("~/") and reads(at_home := f"{key}=${{oc.env:HOME}}{value[1:]}"):
        return "`~` is not expanded", f"write `{for_shell(at_home)}`"
    with_minus = value.translate(MINUS_SIGNS)
    if with_minus != value and reads(f"{key}={with_minus}"):
        return "its minus sign is another sign", f"write `{for_shell(f'{key}={with_minus}')}`"
    if _CALCULATION.fullmatch(value):
        return "a config does not calculate", "write the result"
    if (call := _CALL.fullmatch(value)) is not None:
        example = _FUNCTIONS.get(call[1])
        if example is not None:
            return f"`{call[1]}` does not take that", f"write `{key}={example}`"
        return (
            f"Hydra has no function `{call[1]}`",
            f"there are {', '.join(f'`{name}`' for name in _FUNCTIONS)}",
        )
    without = value.strip(", ")
    if without and without != value and reads(f"{key}={without}"):
        return "it has a comma too many", f"write `{for_shell(f'{key}={without}')}`"
    return None


def _without_equals(text: str) -> Diagnostic:
    found = re.fullmatch(r"([+~]*[\w./@]+)\s*:\s*(\S.*)", text)
    whole = (1, max(2, len(text) + 1))
    if not text.strip("+~@ "):
        return _fault(text, "it names no key", whole, _FORMS)
    deleted = re.fullmatch(r"[+~!]*~[+~!\s]*@?([\w./@]+)", text.strip())
    if deleted is not None and reads(deletion := f"~{deleted[1]}"):
        return _fault(
            text, "`~` stands once, right before a key or group", whole, f"write `{for_shell(deletion)}`"
        )
    if found and reads(f"{found[1]}={found[2]}"):
        return _fault(text, "`:` stands where `=` belongs", whole, f"write `{found[1]}={found[2]}`")
    if named := re.fullmatch(r"(?:.*?/)??(?:([\w-]+)/)?([\w-]+)\.ya?ml", text.strip()):
        group = named[1] if named[1] and named[1] not in ("config", "configs", "conf") else "GROUP"
        fix = f"an option is chosen by its group, without the ending: `{group}={named[2]}`"
        return _fault(text, "it is a file's name", whole, fix)
    group, slash, option = text.strip().rpartition("/")
    if slash and "." not in text and reads(choice := f"{group}={option}"):
        return _fault(text, "it gives no value", whole, f"write `{choice}` to choose that option of a group")
    if is_key(text.strip()):
        return _fault(
            text, "it gives no value", whole, f"write `{text.strip()}=VALUE`, without spaces around `=`"
        )
    return _fault(text, "it has no `=`", whole, _FORMS)


def _bad_key(text: str, key: str, value: str) -> Diagnostic:
    dotted = key.replace("/", ".")
    if dotted != key and is_key(dotted):
        fix = f"write `{dotted}={value}`: a slash leads to the options of a group, a dot into values"
        return _fault(text, "its key has both `/` and `.`", (1, len(key) + 1), fix)
    if text[0] in "'\"" and text[-1] == text[0] and reads(text[1:-1]):
        fix = f"take its quotes out: write `{for_shell(text[1:-1])}`"
        return _fault(text, "it stands in quotes", (1, len(text) + 1), fix)
    if re.search(r"\.-\d+(?:\.|$)", key):
        fix = "elements of a list are counted from 0, from its front"
        return _fault(text, f"`{key}` is no key", (1, len(key) + 1), fix)
    if key[-1] in "+-" and is_key(key[:-1]):
        fix = f"give the whole list, `{key[:-1]}=[…]`"
        return _fault(text, f"`{key[-1]}=` does not add to a value", (1, len(key) + 2), fix)
    plain = re.sub(r"\[['\"]?(\w+)['\"]?\]", r".\1", re.sub(r"\.\.+", ".", key.lstrip("-")).strip("./"))
    if plain != key and is_key(plain):
        fix = f"write `{for_shell(f'{plain}={value}')}`"
        return _fault(text, f"`{key}` is no key", (1, len(key) + 1), fix)
    sign = next((sign for sign in key.lstrip("+~") if not re.match(r"[\w./@\-\[\]:$]", sign, re.ASCII)), None)
    if sign is None:
        return _fault(text, f"`{key}` is no key", (1, max(2, len(key) + 1)), _FORMS)
    at = key.index(sign) + 1
    fix = "set it in a file: overrides have keys of the letters a to z alone" if sign.isalpha() else _FORMS
    return _fault(text, f"`{sign}` cannot stand in a key", (at, at + 1), fix)


def _fault(text: str, why: str, span: tuple[int, int], fix: str) -> Diagnostic:
    message = f"`{text}` is not an override: {why}"
    return Diagnostic("SER106", message, span_in(text, *span), help=fix)


def is_key(key: str) -> bool:
    """Whether a text can stand before the `=` of an override."""
    return reads(f"{key}=x")


def reads(text: str) -> bool:
    """Whether a text is an override, whatever it names."""
    try:
        parse_override(text)
    except Rejected:
        return False
    return True


def reads_as(text: str, value: str) -> bool:
    """Whether a text is an override with this value."""
    try:
        return bool(parse_override(text).value == value)
    except Rejected:
        return False


def for_shell(argument: str) -> str:
    """An argument as a shell takes it, in quotes where it needs them."""
    # in double quotes an interactive bash takes `!` for its history
    if "'" not in argument or "!" in argument:
        return shlex.quote(argument)
    return '"' + re.sub(r'(["$`\\])', r"\\\1", argument) + '"'
