"""What the validators and converters of attrs take, compared with what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serotiny.targets import check
from serotiny.targets.value_types.limits import violated

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource

HEAD = "import attr\nimport attrs\nfrom attrs import validators as v\n"
FIELDS = (
    "x: int = attrs.field(validator=v.instance_of(int))",
    "x: str = attrs.field(validator=v.in_(['a', 'b']))",
    "x: int = attrs.field(validator=attrs.validators.in_([1, 2]))",
    "x: int = attrs.field(validator=v.ge(1))",
    "x: float = attrs.field(validator=[v.gt(0), v.le(4)])",
    "x: int | None = attrs.field(default=None, validator=v.optional(v.lt(4)))",
    "x: int = attrs.field(validator=v.and_(v.instance_of(int), v.ge(1)))",
    "x: str = attrs.field(validator=v.matches_re('[a-z]+'))",
    "x: str = attrs.field(validator=v.max_len(1))",
    "x: list[int] = attrs.field(validator=v.min_len(1))",
    "x: float = attrs.field(converter=float)",
    "x: int = attrs.field(converter=int, validator=v.ge(1))",
    "x: int = attr.ib(validator=attr.validators.ge(1))",
    "x: int = attrs.field(validator=v.optional(v.ge(1)))",
    "x: str = attrs.field(validator=v.optional(v.in_(['a', 'b'])))",
    "x: int = attrs.field(validator=v.optional(v.instance_of(int)))",
    "x: int = attrs.field(validator=v.instance_of((int, str)))",
    "x: int = attrs.field(validator=v.instance_of((int, dict)))",
)
UNANNOTATED = "x = attr.ib(validator=attr.validators.optional(attr.validators.in_(['a', 'b'])))"
LEFT_OPEN = (
    "x: int = attrs.field(validator=positive)",
    "x = attrs.field(validator=v.not_(v.instance_of(int)))",
    "x: int = attrs.field(converter=len)",
)
VALUES: tuple[Any, ...] = (
    *(0, 1, 2, 4, -1, 2.5, True, None, "", "a", "b", "ab", "1", "A1"),
    *([], [1], [1, 2], {}, {"a": 1}),
)


def refused(field: str, read: ReadSource) -> list[Any]:
    """The values that are told to be wrong."""
    signature = read("study.target", study=f"{HEAD}@attrs.define\nclass target:\n    {field}\n")
    (parameter,) = signature.parameters
    assert parameter.body is None
    return [value for value in VALUES if check(parameter.type, value) or [*violated(parameter.limits, value)]]


def raising(field: str) -> list[Any]:
    """The values with which the class itself raises an error."""
    namespace: dict[str, Any] = {}
    exec(f"{HEAD}@attrs.define\nclass target:\n    {field}\n", namespace)
    found = []
    for value in VALUES:
        try:
            namespace["target"](x=value)
        except (TypeError, ValueError):
            found.append(value)
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_value_that_is_called_wrong_is_refused_by_the_validator(field: str, read: ReadSource) -> None:
    """Every value that is told is refused by attrs; little else is, of other kinds that have an order or a length."""
    told, raised = refused(field, read), raising(field)

    assert [] == [value for value in told if value not in raised]
    assert "converter" in field or {"True", "2.5", "{}"} >= {
        repr(value) for value in raised if value not in told
    }


def test_field_without_an_annotation_takes_null_where_its_validator_does(read: ReadSource) -> None:
    """What stands for any type has no null of its own, which `optional` lets pass."""
    source = f"{HEAD}@attr.s\nclass target:\n    {UNANNOTATED}\n"
    (parameter,) = read("study.target", study=source).parameters

    assert not check(parameter.type, None)
    assert check(parameter.type, "c")


@pytest.mark.parametrize(
    "validator",
    [
        "v.instance_of(Own)",
        "v.instance_of((int, Own))",
        "v.instance_of(int | Own)",
        "v.in_(Own)",
        "v.optional(v.instance_of(Own))",
    ],
)
def test_class_of_the_projects_own_in_a_validator_enforces_no_annotation(
    validator: str, read: ReadSource
) -> None:
    """It may take other values than those that are annotated."""
    field = f"x: str = attrs.field(validator={validator})"
    source = f"{HEAD}class Own: ...\n@attrs.define\nclass target:\n    {field}\n"
    (parameter,) = read("study.target", study=source).parameters

    assert parameter.body is not None


@pytest.mark.parametrize("field", LEFT_OPEN)
def test_validator_that_is_not_known_says_nothing_of_a_number(field: str, read: ReadSource) -> None:
    """A function of the project's own, and what attrs itself negates, may take any."""
    source = f"{HEAD}def positive(*given): pass\n@attrs.define\nclass target:\n    {field}\n"
    (parameter,) = read("study.target", study=source).parameters

    assert () == parameter.limits
    assert not check(parameter.type, 1)
