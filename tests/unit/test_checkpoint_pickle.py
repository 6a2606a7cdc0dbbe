"""The pickle of a checkpoint is judged by its opcodes."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from serotiny.checkpoint_pickle import fault_of_checkpoint


def _archive(pickled: bytes, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("last/data.pkl", pickled)
    return file


_EMPTY_STATE = b"}X\x0a\x00\x00\x00state_dict}s"
_LARGE = b"".join(
    b"\x8a\x10" + ((2**61 - 1) * number).to_bytes(16, "little") + b"N" for number in range(20_000)
)


@pytest.mark.parametrize(
    ("pickled", "said"),
    [
        (b"cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "not plain data and is not read: `os.system`"),
        (b"c__builtin__\neval\n.", "`builtins.eval`"),
        (b"cbuiltins\ngetattr\n.", "`builtins.getattr`"),
        (b"csubprocess\nPopen\n.", "`subprocess.Popen`"),
        (b"cos.path\nexists\x1b\n.", "`os.path.exists `"),
        (b"ccommands\ngetoutput\n.", "`subprocess.getoutput`"),
        (b"cbuiltins\nbytearray\nK\x09\x85R.", "`builtins.bytearray`"),
        (b"ctorch\nTensor\nJ\xff\xff\xff\x7f\x85R.", "a call of `torch.Tensor`"),
        (b"]ctorch\nFloatStorage\nq\x00ah\x00J\xff\xff\xff\x7f\x85R.", "a call of `torch.FloatStorage`"),
        (
            b"ctorch.storage\nUntypedStorage\nJ\xff\xff\xff\x7f\x85\x81.",
            "a call of `torch.storage.UntypedStorage`",
        ),
        (b"c_codecs\nencode\nX\x01\x00\x00\x00aX\x08\x00\x00\x00punycode\x86R.", "`_codecs.encode`"),
        (b"}" + b")" + b"\x85" * 2_000_000 + b"K\x01s.", "nested deeper than 500 levels"),
        (b"](" + b"t" * 10 + b".", "its pickle is damaged"),
        (b"]" + b"Na" * 1_000_000 + b".", "more than 1,000,000 parts"),
        (b"}(" + _LARGE + b"u.", "more than 10,000 large numbers"),
        (b"\x93.", "has the opcode 0x93"),
        (b"X\xff\xff\xff\xff.", "its pickle is damaged"),
        (b"j\xff\xff\xff\xff.", "its pickle is damaged"),
    ],
)
def test_a_pickle_that_means_harm_is_refused(pickled: bytes, said: str, tmp_path: Path) -> None:
    """What runs code, takes all time or ends the process is found without torch."""
    file = _archive(b"\x80\x02" + pickled, tmp_path / "last.ckpt")
    before = time.process_time()

    assert said in (fault_of_checkpoint(file) or "")
    assert time.process_time() - before < 10


@pytest.mark.parametrize(
    "state",
    [
        {"state_dict": {f"{number}.weight": torch.zeros(2) for number in range(100)}},
        {"bytes": b"\x00\xff" * 1000, "numbers": [2**64, -1, 1.5, True, None], "set": {1, 2}, "c": 1j},
        {"numpy": np.arange(3), "scalar": np.float64(1), "size": torch.Size([1, 2]), "type": torch.float16},
        {"random": np.random.default_rng(1).bit_generator.state, "nested": [[[[{"a": ((1,), 2)}]]]]},
        {"parameter": torch.nn.Parameter(torch.zeros(1)), "sparse": torch.eye(2).to_sparse()},
    ],
)
def test_what_torch_writes_is_not_refused(state: dict[str, Any], tmp_path: Path) -> None:
    """Whatever a state is made of that torch reads."""
    torch.save(state, tmp_path / "last.ckpt")

    assert fault_of_checkpoint(tmp_path / "last.ckpt") is None


def test_parts_of_the_same_name_are_refused(tmp_path: Path) -> None:
    """Of two pickles nobody knows which one torch reads."""
    file = _archive(_EMPTY_STATE + b".", tmp_path / "last.ckpt")
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("last/data.pkl", b"N.")

    assert "is not a whole checkpoint: it has parts of the same name" == fault_of_checkpoint(file)
