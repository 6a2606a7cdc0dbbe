"""What pydantic takes for a field, compared with what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serotiny.targets import TargetSignature, check
from serotiny.targets.value_types.limits import violated
from serotiny.targets.value_types.parsing import as_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.targets.conftest import ReadSource

HEAD = """
import datetime, decimal, enum, fractions, ipaddress, re, typing, uuid
import pydantic.dataclasses
from pydantic import *
class Colour(enum.Enum):
    RED = "red"
class Level(enum.IntEnum):
    LOW = 1
"""
FORMS = {
    "a model": "class target(BaseModel):\n    x: {}",
    "a strict model": "class target(BaseModel):\n    model_config = ConfigDict(strict=True)\n    x: {}",
    "a dataclass": "@pydantic.dataclasses.dataclass\nclass target:\n    x: {}",
    "a function": "@validate_call\ndef target(x: {}): ...",
    "a strict function": "@validate_call(config=ConfigDict(strict=True))\ndef target(x: {}): ...",
    "a constructor": "class target:\n    @validate_call\n    def __init__(self, x: {}): ...",
}
NUMBERS = ("int", "float", "bool", "int | None", "int | str", "list[int]", "dict[str, float]")
LIMITED = ("PositiveInt", "typing.Annotated[int, Field(gt=0)]", "StrictInt", "conint(gt=3)")
TEXTS = (
    "constr(min_length=2, max_length=4)",
    "constr(pattern='^[a-z]$')",
    "typing.Annotated[str, Field(min_length=2)]",
    "typing.Annotated[str, StringConstraints(pattern='a')]",
    "typing.Annotated[list[int], Field(min_length=1, max_length=2)]",
    "typing.Annotated[set[int], Field(max_length=2)]",
    "typing.Annotated[float, Field(multiple_of=0.1)]",
)
READ_LATER = (
    "constr(strip_whitespace=True, min_length=2)",
    "typing.Annotated[bytes, Field(min_length=2)]",
    "typing.Annotated[int, Field(multiple_of=2)]",
)
READ_BY_PYDANTIC = (
    *("HttpUrl", "AnyUrl", "IPvAnyAddress", "SecretStr", "ByteSize", "PastDate", "FutureDatetime"),
    *(
        "Json",
        "Json[list[int]]",
        "re.Pattern",
        "fractions.Fraction",
        "ipaddress.IPv4Address",
        "list[HttpUrl]",
    ),
)
OBJECTS = ("datetime.date", "datetime.timedelta", "uuid.UUID", "bytes", "str", "typing.Literal[1, 'a']")
VALUES: tuple[Any, ...] = (
    *(1, 0, -1, 2.0, 2.5, True, None),
    *("1", "1.0", "x", "true", "nan", "a", "2024-01-01", "P1D", "12345678-1234-5678-1234-567812345678"),
    *("http://a.b", "127.0.0.1", "1KB", "2999-01-01T00:00:00", '{"a": 1}', "[", "1/3", " a "),
    *(0.3, 4, [1, 1, 1], ["http://a.b"]),
    *([1], ["1"], ["a"], {"a": 1}, {"a": "1"}, {"a": "b"}, [], {}),
)


def is_refused(signature: TargetSignature, value: Any) -> bool:
    """Whether the type or the limits of the only parameter exclude a value."""
    (parameter,) = signature.parameters
    faults = check(parameter.type, value)
    return bool(faults or [*violated(parameter.limits, as_number(parameter.type, value))])


def made(source: str) -> Callable[..., Any]:
    """The target itself."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "study", "exec", dont_inherit=True), namespace)
    target: Callable[..., Any] = namespace["target"]
    return target


def is_refused_by_pydantic(target: Callable[..., Any], value: Any) -> bool:
    """Whether the call itself raises."""
    from pydantic import ValidationError

    try:
        target(x=value)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("declared", [*NUMBERS, *LIMITED, *TEXTS, *READ_LATER, *OBJECTS])
def test_value_is_refused_where_pydantic_refuses_it(form: str, declared: str, read: ReadSource) -> None:
    """What is called wrong raises, and of the values that are no texts or switches the rest does not."""
    source = HEAD + FORMS[form].format(declared)
    signature = read("study.target", study=source)
    # a job itself makes dates and the like of texts before a strict model sees them
    values = VALUES if "strict" not in form or declared in (*NUMBERS, *LIMITED) else ()
    target, limited = made(source), declared in (*LIMITED, *READ_LATER)

    assert [] == [
        value
        for value in values
        if is_refused(signature, value) != is_refused_by_pydantic(target, value)
        # what is read of a text in between, and the truth as a number, is left to pydantic
        and not (limited and isinstance(value, str | bool) and is_refused_by_pydantic(target, value))
    ]


@pytest.mark.parametrize("declared", ["typing.Iterable[int]", "typing.Iterable[int] | None"])
@pytest.mark.parametrize("form", ["a model", "a function"])
def test_items_that_pydantic_validates_when_they_are_asked_for_are_left_open(
    form: str, declared: str, read: ReadSource
) -> None:
    """What is no list is refused at once, as pydantic does."""
    source = HEAD + FORMS[form].format(declared)
    signature, target = read("study.target", study=source), made(source)

    for value in (["a"], [1], 1):
        assert is_refused_by_pydantic(target, value) == is_refused(signature, value)


@pytest.mark.parametrize("declared", READ_BY_PYDANTIC)
def test_value_of_a_type_of_pydantics_is_read_by_pydantic(declared: str, read: ReadSource) -> None:
    """An address, a date in the past, a pattern and the like is refused exactly where pydantic refuses it."""
    source = HEAD + FORMS["a model"].format(declared)
    signature, target = read("study.target", study=source), made(source)
    # the list in JSON is of anything here
    expected = [value for value in VALUES if is_refused_by_pydantic(target, value)]

    found = [value for value in VALUES if is_refused(signature, value)]

    assert [value for value in expected if declared != "Json[list[int]]" or not isinstance(value, str)] == [
        value for value in found if declared != "Json[list[int]]" or not isinstance(value, str)
    ]


@pytest.mark.parametrize("validator", ["BeforeValidator", "PlainValidator", "WrapValidator"])
@pytest.mark.parametrize("declared", ["{}", "Given", "list[Given]", "kinds.Given | None"])
@pytest.mark.parametrize("form", ["a model", "a dataclass", "a function"])
def test_value_that_a_validator_gets_first_is_open(
    validator: str, declared: str, form: str, read: ReadSource
) -> None:
    """Also where the annotation is a name for it, of another module too."""
    annotated = f"typing.Annotated[int, {validator}(len)]"
    given = f"Given = {annotated}\n"
    source = f"{HEAD}import kinds\n{given}{FORMS[form].format(declared.format(annotated))}"
    other = f"{HEAD}{given}"

    assert not is_refused(read("study.target", study=source, kinds=other), "a")


@pytest.mark.parametrize("form", ["a model", "a function"])
@pytest.mark.parametrize(
    "declared",
    [
        "typing.Annotated[str, AfterValidator(lambda text: text * 4), Field(min_length=3)]",
        "typing.Annotated[str, StringConstraints(strip_whitespace=True), Field(max_length=1)]",
        "typing.Annotated[Stripped, Field(max_length=1)]",
    ],
)
def test_limit_of_what_a_validator_makes_of_a_text_is_left_to_pydantic(
    declared: str, form: str, read: ReadSource
) -> None:
    """The text in the config may be shorter, or longer."""
    stripped = "Stripped = typing.Annotated[str, StringConstraints(strip_whitespace=True)]\n"
    source = f"{HEAD}{stripped}{FORMS[form].format(declared)}"
    signature, target = read("study.target", study=source), made(source)

    assert [] == [
        text
        for text in ("a", " a ")
        if is_refused(signature, text) and not is_refused_by_pydantic(target, text)
    ]
    assert () == read("study.target", study=source).parameters[0].limits


def test_enumeration_takes_what_finds_a_member(read: ReadSource) -> None:
    """By its name, which a job looks up, by its value, and by what pydantic makes that value of."""
    signature = read("study.target", study=HEAD + FORMS["a model"].format("Level"))

    assert [False, False, False, False, True, True] == [
        is_refused(signature, value) for value in ("LOW", 1, "1", True, 2, "HIGH")
    ]


KEYS = {
    "by its alias": ("x: int = Field(alias='ex')", "", {"ex": True}),
    "by its name too": ("x: int = Field(alias='ex')", "populate_by_name=True", {"ex": False, "x": False}),
    "by its name alone": (
        "x: int = Field(alias='ex')",
        "validate_by_alias=False, validate_by_name=True",
        {"x": True},
    ),
    "by one of several": (
        "x: int = Field(validation_alias=AliasChoices('ex', 'why'))",
        "",
        {"ex": False, "why": False},
    ),
    "as it is written out": ("x: int = Field(serialization_alias='ex')", "", {"x": True}),
}


@pytest.mark.parametrize("name", KEYS)
def test_field_is_given_by_the_keys_that_pydantic_reads(name: str, read: ReadSource) -> None:
    """Each of its keys is a parameter, required where it is the only one."""
    field, settings, expected = KEYS[name]
    source = f"class target(BaseModel):\n    model_config = ConfigDict({settings})\n    {field}"
    signature = read("study.target", study=HEAD + source)

    assert expected == {parameter.name: parameter.required for parameter in signature.parameters}


EXTRA = {
    "": (False, True),
    "extra='ignore'": (False, True),
    "extra='forbid'": (False, False),
    "extra='allow'": (True, False),
    "extra=chosen": (True, False),
    "**chosen": (True, False),
}


@pytest.mark.parametrize("settings", EXTRA)
def test_key_that_is_no_field_is_what_the_settings_make_of_it(settings: str, read: ReadSource) -> None:
    """Refused, ignored or accepted; accepted where the settings cannot be read."""
    source = f"class target(BaseModel):\n    model_config = ConfigDict({settings})\n    x: int"
    signature = read("study.target", study=HEAD + source)

    assert EXTRA[settings] == (signature.open, signature.ignores_rest)


def test_default_of_a_field_of_a_function_is_in_its_call(read: ReadSource) -> None:
    """A parameter whose default is a field without a default is required, and has the limits of the field."""
    source = "@validate_call\ndef target(x: int = Field(gt=3), y: int = Field(5, gt=3)): ..."
    signature = read("study.target", study=HEAD + source)

    assert [("x", True), ("y", False)] == [(item.name, item.required) for item in signature.parameters]
    assert [(("gt", 3),)] * 2 == [item.limits for item in signature.parameters]
