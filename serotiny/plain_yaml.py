"""YAML of plain data: written so that PyYAML and OmegaConf read the same, and read without aliases, within limits."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError

FLOAT: Final = re.compile(  # the pattern of omegaconf's own loader
    r"""^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
        |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
"""What OmegaConf reads as a float: to YAML 1.1 some of it is text, as `1e-3`."""

FLOAT_TAG: Final = "tag:yaml.org,2002:float"
FLOAT_BEGINS: Final = tuple("-+0123456789.")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where there is it
    """PyYAML's safe loader, with OmegaConf's floats, which takes no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        taken: set[Any] = set()
        for key_node, _ in node.value:
            key = self._key(key_node)
            if key in taken:
                raise ConstructorError(
                    None, None, f"the key `{key_node.value}` is there twice", key_node.start_mark
                )
            if is_too_large_a_key(key):
                raise ConstructorError(
                    None, None, "a number as a key has more than 18 digits", key_node.start_mark
                )
            taken.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping

    def _key(self, node: yaml.Node) -> Any:
        """The key as what it will be; PyYAML itself refuses those that are no scalars, and unfolds `<<`."""
        is_plain = isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":merge")
        return self.construct_object(node) if is_plain else node


def is_too_large_a_key(key: Any) -> bool:
    """Whether a key is an integer of more than 18 digits: of larger ones any number have the same hash."""
    return isinstance(key, int) and abs(key) >= 10**18


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the same; ten times as fast
    """PyYAML's safe dumper, which puts a text that OmegaConf takes for a float in quotes, and writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML calls it with this
        return True


for _class in (_Loader, _Dumper):
    _class.add_implicit_resolver(FLOAT_TAG, FLOAT, list(FLOAT_BEGINS))

MAX_BYTES: Final = 10_000_000
MAX_DEPTH: Final = 64
"""Levels of nesting in a config, and so in a stored one; a plan holds its config at a key."""
_MAX_DEPTH: Final = MAX_DEPTH + 1
_MAX_VALUES: Final = 200_000
_LONGEST_NUMBER: Final = 1_000
_BYTES: Final = "tag:yaml.org,2002:binary"
"""The one tag that PyYAML writes of what a config may hold."""
_TOO_DEEP: Final = f"it is nested deeper than {_MAX_DEPTH} levels"


def write_plain_yaml(data: Any) -> str:
    """Plain data as a document that `read_plain_yaml` and OmegaConf read as what it was."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def read_plain_yaml(text: str) -> Any:
    """The data of a document.

    Raises:
        ValueError: it is no YAML, or larger than serotiny writes it; the message is one line.
    """
    try:
        _refuse_excess(text)
        return yaml.load(text, Loader=_Loader)  # a safe one
    except (yaml.YAMLError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(_in_a_line(error, text)) from error


def _in_a_line(error: Exception, text: str) -> str:
    """What is wrong with a text, and in which line; libyaml says it in several lines and counts bytes."""
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
        line = mark.line + 1 if mark else 1
        return f"line {line}: {_TOO_DEEP if is_too_deep(error) else problem}"
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return f"{error}".splitlines()[0]
    line = text.count("\n", 0, found.start()) + 1
    return f"line {line}: the character U+{ord(found[0]):04X} is not allowed in YAML"


def is_too_deep(error: yaml.MarkedYAMLError) -> bool:
    """Whether libyaml gave up at its own limit of nesting, as it does where it looks far ahead."""
    return "nesting depth" in (error.problem or "")


def _refuse_excess(text: str) -> None:
    """Check the limits before anything is built.

    Raises:
        ValueError: the text exceeds one of them.
    """
    if len(text) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES:,} characters")
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 0
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias:
            raise ValueError(f"line {line}: aliases have no place in it")
        # PyYAML ends in all kinds of exceptions where a value is not of its tag
        if getattr(event, "tag", None) not in (None, _BYTES):
            raise ValueError(f"line {line}: tags have no place in it")
        # Python needs very long to read a number of a million digits, and cannot print it
        if isinstance(event, yaml.ScalarEvent) and _is_long_number(event):
            raise ValueError(f"line {line}: a number has more than {_LONGEST_NUMBER:,} characters")
        if depth > _MAX_DEPTH:
            raise ValueError(f"line {line}: {_TOO_DEEP}")
        if count > 2 * _MAX_VALUES:
            raise ValueError(f"line {line}: it has more than {_MAX_VALUES:,} values")


def _is_long_number(event: yaml.ScalarEvent) -> bool:
    """Whether a scalar may be read as a number that nobody means."""
    return (
        event.implicit[0]
        and len(event.value) > _LONGEST_NUMBER
        and event.value[:2].lstrip("+-.")[:1].isdigit()
    )
