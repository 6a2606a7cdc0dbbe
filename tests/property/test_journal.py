from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal

_HEADER = JournalHeader(
    tracking_uri="sqlite:///mlflow.db", experiment_id="1", run_id="0" * 32, run_name="run"
)
_VALUES = st.dictionaries(st.text(), st.floats(allow_nan=False), min_size=1)


def _bits(values: dict[str, float]) -> dict[str, bytes]:
    return {key: struct.pack("d", value) for key, value in values.items()}


@given(st.lists(_VALUES, min_size=1))
def test_values_come_out_of_the_journal_with_the_same_bits(written: list[dict[str, float]]) -> None:
    """Also zeros with a sign, infinities and the smallest numbers; keys of any characters."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        journal.create(_HEADER)
        for values in written:
            journal.append("metrics", {"step": 1, "time_ms": 2, "values": values})
        read = [entry.data["values"] for entry in journal.entries(0)]
        journal.close()

    assert [_bits(values) for values in written] == [_bits(values) for values in read]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_value_is_sent_with_the_same_bits(value: float) -> None:
    """The text of a request has every digit that matters."""
    assert struct.pack("d", value) == struct.pack("d", json.loads(to_json(value)))
