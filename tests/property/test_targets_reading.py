"""Whatever stands in a source file, reading a target from it ends with an answer."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serotiny.targets import SignatureReader, TargetNotFound, TargetSignature, accepts, check
from serotiny.targets.signature_codec import answer_from_json, answer_to_json


def _source_of(path: str) -> str:
    found = SignatureReader().read(path)
    assert isinstance(found, TargetSignature)
    assert found.file is not None
    return Path(found.file).read_text("utf-8")


_SOURCES = [
    _source_of(path)
    for path in (
        "torch.optim.Adam",
        "torch.nn.LSTM",
        "torch.utils.data.DataLoader",
        "torchmetrics.Accuracy",
        "pytorch_lightning.callbacks.EarlyStopping",
    )
]


def _read_all(source: str) -> list[TargetSignature | TargetNotFound]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mangled_study.py").write_text(source, "utf-8", errors="surrogatepass")
        reader = SignatureReader([Path(folder)])
        names = {member.path for member in reader.members("mangled_study")}
        return [reader.read(path) for path in [*sorted(names), "mangled_study.Adam", "mangled_study.no_such"]]


@st.composite
def _mangled(draw: st.DrawFn) -> str:
    """Real source with lines taken out, doubled, moved and indented otherwise."""
    lines = draw(st.sampled_from(_SOURCES)).splitlines()
    for _ in range(draw(st.integers(1, 12))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "dedent", "swap"])):
            case "drop":
                del lines[index]
            case "double":
                lines.insert(index, lines[index])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(index))
            case "dedent":
                lines[index] = lines[index].lstrip()
            case _:
                lines[index] = lines[index].replace("(", "[", 1)
    return "\n".join(lines)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(_mangled())
def test_mangled_source_is_read_without_an_error(source: str) -> None:
    """No exception, every answer survives the cache, and every default is of its own type."""
    for answer in _read_all(source):
        assert answer == answer_from_json(answer_to_json(answer))
        if isinstance(answer, TargetSignature):
            for parameter in answer.parameters:
                if parameter.default is not None and parameter.default.literal:
                    assert accepts(parameter.type, parameter.default.value)
                check(parameter.type, [{"a": object}])


@settings(max_examples=60)
@given(st.text())
def test_any_text_is_read_without_an_error(source: str) -> None:
    """A file need not be Python at all."""
    assert all(isinstance(answer, TargetSignature | TargetNotFound) for answer in _read_all(source))


_expressions = st.recursive(
    st.sampled_from(["int", "'str'", "None", "x", "kwargs", "np.float32", "1", "...", "[int]", "f()", "T"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("{0[0]} | {0[1]}".format),
        st.tuples(
            st.sampled_from(["list", "dict", "Literal", "Union", "tuple", "Annotated", "X"]), inner, inner
        ).map("{0[0]}[{0[1]}, {0[2]}]".format),
        inner.map("Optional[{}]".format),
        inner.map("({},)".format),
        inner.map("(lambda: {})".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
    ),
    max_leaves=8,
)


@settings(max_examples=80)
@given(_expressions, _expressions, _expressions)
def test_any_annotation_default_and_alias_is_read_without_an_error(
    note: str, default: str, alias: str
) -> None:
    """Whatever stands where a type, a default or an alias stands has a value type."""
    source = (
        "from typing import *\nT = TypeVar('T')\n"
        f"X = {alias}\ndef target(a: {note} = {default}, *args: X, **kwargs):\n    return X(**kwargs)\n"
        f"class Made:\n    a: {note} = {default}\n    __init__ = {default}\n"
    )
    ast.parse(source)
    assert all(isinstance(answer, TargetSignature | TargetNotFound) for answer in _read_all(source))
