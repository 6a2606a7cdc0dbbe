from __future__ import annotations

import functools
import resource
import signal
import sys
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from serotiny.ml_ops.checkpoints.candidates import CheckpointError
from serotiny.ml_ops.checkpoints.file import (
    CheckpointWriteError,
    read_checkpoint,
    write_checkpoint,
)


def checkpoint(**more: Any) -> dict[str, Any]:
    return {"state_dict": {"weight": torch.arange(3.0)}, **more}


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond 64 kB, as on a disk that is full."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_written_checkpoint_is_read_back(tmp_path: Path) -> None:
    """Tensors, numpy values and plain data survive; nothing else is left in the folder."""
    path = tmp_path / "new" / "last.ckpt"
    write_checkpoint(checkpoint(callbacks={"mine": {"best": np.float64(0.5), "rows": np.arange(4)}}), path)

    read = read_checkpoint(path)
    assert [0.0, 1.0, 2.0] == read["state_dict"]["weight"].tolist()
    assert [0, 1, 2, 3] == read["callbacks"]["mine"]["rows"].tolist()
    assert [path] == list(path.parent.iterdir())


def test_full_disk_leaves_the_checkpoint_before(tmp_path: Path, full_disk: None) -> None:
    """A write that fails is told as such, and the good file stays."""
    path = tmp_path / "last.ckpt"
    write_checkpoint(checkpoint(), path)
    with pytest.raises(CheckpointWriteError, match=r"could not be written.*the one before it is untouched"):
        write_checkpoint({"state_dict": {"weight": torch.zeros(1 << 16)}}, path)

    assert [0.0, 1.0, 2.0] == read_checkpoint(path)["state_dict"]["weight"].tolist()
    assert [path] == list(tmp_path.iterdir())


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The message holds the path and the system's reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(
        CheckpointWriteError, match=r"file/last\.ckpt could not be written.*there is none before it"
    ):
        write_checkpoint(checkpoint(), tmp_path / "file" / "last.ckpt")


def test_state_that_could_not_be_read_back_is_refused_before_it_replaces(tmp_path: Path) -> None:
    """An object in a callback's state is found when it is written, not when the run is to be resumed."""
    path = tmp_path / "last.ckpt"
    write_checkpoint(checkpoint(), path)
    with pytest.raises(CheckpointWriteError, match=r"its state holds .*functools\.partial"):
        write_checkpoint(checkpoint(callbacks={"mine": functools.partial(max, 1)}), path)

    assert [0.0, 1.0, 2.0] == read_checkpoint(path)["state_dict"]["weight"].tolist()


def test_hyperparameters_that_are_objects_are_left_out(tmp_path: Path) -> None:
    """A `_partial_` optimiser among the hyperparameters does not make the checkpoint unreadable."""
    path = tmp_path / "last.ckpt"
    write_checkpoint(checkpoint(hyper_parameters={"optimizer": functools.partial(max), "width": [3]}), path)

    assert {"width": [3]} == read_checkpoint(path)["hyper_parameters"]


def _save_as_a_script_does(state: dict[str, Any], path: Path) -> None:
    """With objects of a class that nothing can import afterwards."""
    module = types.ModuleType("a_script")
    net = type("Net", (torch.nn.Linear,), {"__module__": "a_script"})
    module.Net = net  # type: ignore[attr-defined]
    sys.modules["a_script"] = module
    try:
        torch.save(state | {"hyper_parameters": state.get("hyper_parameters", {}) | {"net": net(1, 1)}}, path)
    finally:
        del sys.modules["a_script"]


def test_hyperparameters_of_a_script_that_are_objects_are_not_made(tmp_path: Path) -> None:
    """What Lightning itself has written is read, whatever was handed to `save_hyperparameters`."""
    path = tmp_path / "last.ckpt"
    config = OmegaConf.create({"sizes": [3], "name": "${oc.env:HOME}"})
    objects = {
        "config": config,
        "sizes": config.sizes,
        "optimizer": functools.partial(torch.optim.Adam, lr=0.1),
        "place": tmp_path,
        "criterion": torch.nn.CrossEntropyLoss(),
    }
    held = {
        "hyper_parameters": {**objects, "width": 3},
        "datamodule_hyper_parameters": {"split": config.sizes},
    }
    _save_as_a_script_does(checkpoint(**held), path)

    read = read_checkpoint(path)
    assert {"width": 3} == read["hyper_parameters"]
    assert {} == read["datamodule_hyper_parameters"]
    assert [0.0, 1.0, 2.0] == read["state_dict"]["weight"].tolist()


def test_hyperparameters_that_are_a_config_are_left_out(tmp_path: Path) -> None:
    """`save_hyperparameters(config)` keeps one with its class, which no reader could take from the file."""
    path = tmp_path / "last.ckpt"
    kept = {"hyper_parameters": OmegaConf.create({"width": 3}), "hparams_type": DictConfig}
    write_checkpoint(checkpoint(**kept), path)
    assert ["state_dict"] == list(read_checkpoint(path))

    torch.save(checkpoint(**kept), path)
    assert ["state_dict"] == list(read_checkpoint(path))


@pytest.mark.parametrize("holder", ["callbacks", "lr_schedulers", "state_dict"])
def test_objects_of_a_script_elsewhere_are_refused(holder: str, tmp_path: Path) -> None:
    """A state that is only partly read would go on to something else."""
    path = tmp_path / "last.ckpt"
    state = checkpoint()
    state.setdefault(holder, {})["mine"] = [{"kept": {functools.partial(torch.optim.Adam)}}]
    _save_as_a_script_does(state, path)

    with pytest.raises(CheckpointError, match=r"not plain data and is not read: `functools\.partial`$"):
        read_checkpoint(path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99])
def test_truncated_file_is_not_whole(kept: float, tmp_path: Path) -> None:
    """Wherever it was cut, the file is told as not whole."""
    path = tmp_path / "last.ckpt"
    write_checkpoint({"state_dict": {"weight": torch.zeros(1000)}}, path)
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    with pytest.raises(CheckpointError, match="is not a whole checkpoint"):
        read_checkpoint(path)


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("code ran",))


def test_file_with_code_is_refused_and_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pickle that would run something is an error; nothing of it runs."""
    path = tmp_path / "evil.ckpt"
    torch.save({"state_dict": {}, "trap": Trap()}, path)
    with pytest.raises(
        CheckpointError, match=r"holds objects that are not plain data and is not read: `builtins\.print`$"
    ):
        read_checkpoint(path)

    assert "" == capsys.readouterr().out


def _write_pickle(pickled: bytes, file: Path) -> None:
    """A checkpoint as torch writes it, with another pickle in it."""
    whole_file = file.with_name("whole.ckpt")
    torch.save({"state_dict": {}}, whole_file)
    with zipfile.ZipFile(whole_file) as whole, zipfile.ZipFile(file, "w") as damaged:
        for part in whole.infolist():
            is_pickle = part.filename.endswith("data.pkl")
            damaged.writestr(part.filename, pickled if is_pickle else whole.read(part))


@pytest.mark.parametrize(
    "pickled",
    [
        *(
            b"",
            b"\x80\x02.",
            b"\x80\x02J1.",
            b"\x80\x02}]K\x01s.",
            b"\x80\x02(K\x01u.",
            b"\x80\x02K\x01K\x02a.",
        ),
        *(
            b"\x80\x02j\xff\xff\xff\xff.",
            b"\x80\x02X\xff\xff\xff\x7fa.",
            b"\x80\x02" + b")" + b"\x85" * 50_000 + b".",
        ),
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R.",
    ],
)
def test_file_with_a_damaged_pickle_is_told_as_such(pickled: bytes, tmp_path: Path) -> None:
    """Whatever torch's reader makes of its bytes, it is an error of the file; nothing of it runs."""
    _write_pickle(pickled, tmp_path / "damaged.ckpt")

    with pytest.raises(CheckpointError, match=r"damaged\.ckpt (is not|holds objects|is nested)"):
        read_checkpoint(tmp_path / "damaged.ckpt")


@pytest.mark.parametrize("target", ["/dev/zero", "/etc/passwd", "/nowhere"])
def test_file_that_is_a_link_to_no_checkpoint_is_not_read(target: str, tmp_path: Path) -> None:
    """A device, a file of the system and nothing at all are told in a line."""
    (tmp_path / "last.ckpt").symlink_to(target)
    with pytest.raises(CheckpointError, match="checkpoint"):
        read_checkpoint(tmp_path / "last.ckpt")


def test_target_among_hyperparameters_is_data(tmp_path: Path) -> None:
    """Nothing is made of it, whatever it names."""
    torch.save(
        {"state_dict": {}, "hyper_parameters": {"net": {"_target_": "os.system"}}}, tmp_path / "last.ckpt"
    )
    assert {"net": {"_target_": "os.system"}} == read_checkpoint(tmp_path / "last.ckpt")["hyper_parameters"]


def test_file_that_is_compressed_is_not_read(tmp_path: Path) -> None:
    """Of a megabyte nobody knows how many gigabytes it becomes."""
    torch.save({"state_dict": {}}, tmp_path / "plain.ckpt")
    with (
        zipfile.ZipFile(tmp_path / "plain.ckpt") as plain,
        zipfile.ZipFile(tmp_path / "small.ckpt", "w", zipfile.ZIP_DEFLATED) as small,
    ):
        for part in plain.infolist():
            small.writestr(part.filename, plain.read(part))

    with pytest.raises(CheckpointError, match="is not a whole checkpoint"):
        read_checkpoint(tmp_path / "small.ckpt")


@pytest.mark.parametrize("value", [[1, 2], {"weights": {}}, {"state_dict": [1, 2]}])
def test_file_of_another_kind_is_not_a_lightning_checkpoint(value: object, tmp_path: Path) -> None:
    """A torch file without `state_dict` is told as such."""
    torch.save(value, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match="it has no `state_dict`"):
        read_checkpoint(tmp_path / "other.ckpt")


@pytest.mark.parametrize("module", [b"builtins", b"__builtin__"])
def test_a_length_that_a_file_claims_is_not_made(module: bytes, tmp_path: Path) -> None:
    """A pickle may have torch make a bytearray of as many bytes as a number says, in a file of a few hundred."""
    claim = b"\x80\x02}X\x0a\x00\x00\x00state_dict}K\x01c" + module + b"\nbytearray\nK\x09\x85Rss."
    _write_pickle(claim, tmp_path / "last.ckpt")

    with pytest.raises(CheckpointError, match=r"not plain data and is not read: `builtins\.bytearray`"):
        read_checkpoint(tmp_path / "last.ckpt")


def test_a_state_that_torch_would_make_of_a_number_is_told_when_it_is_written(tmp_path: Path) -> None:
    """A bytearray could be read back, but so could one of any length that a few bytes claim."""
    with pytest.raises(
        CheckpointWriteError, match=r"was not written, since it holds .*`builtins\.bytearray`"
    ):
        write_checkpoint(checkpoint(callbacks={"mine": bytearray(b"abc")}), tmp_path / "last.ckpt")
