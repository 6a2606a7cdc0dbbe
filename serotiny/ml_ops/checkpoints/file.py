"""Write checkpoint files atomically, and read them without executing code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy._core.multiarray as numpy_pickles
import torch

from serotiny.checkpoint_pickle import NOT_PLAIN, fault_of_checkpoint
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics import JobError
from serotiny.filesystem import replacing
from serotiny.ml_ops.checkpoints.candidates import CheckpointError, local_path, refuse_unreadable
from serotiny.ml_ops.checkpoints.placeholders import placeholder_within, placeholders
from serotiny.tracking.checkpoint_record import is_whole_archive

# Classes that a checkpoint may contain in addition to torch's own list: they only hold data.
_PLAIN_GLOBALS: list[Any] = [
    np.ndarray,
    np.dtype,
    numpy_pickles._reconstruct,
    numpy_pickles.scalar,
    # torch looks up the class of each dtype (`Float64DType`) before it sets the state
    *{type(np.dtype(code)) for code in "?bhilqBHILQefd"},
]

_HYPERPARAMETERS = {
    "hyper_parameters": "hparams_type",
    "datamodule_hyper_parameters": "datamodule_hparams_type",
}
"""Where Lightning puts those of the model and the data module, and the class of what held them."""


class CheckpointWriteError(JobError):
    """A checkpoint could not be written; the previous one is unchanged."""


def write_checkpoint(checkpoint: dict[str, Any], path: Path, secrets: KnownSecrets | None = None) -> None:
    """Write a file beside `path`, sync and check it, and rename it to `path`: readers see the old file or the new one.

    Hyperparameters that are not plain data (a `_partial_` optimiser) are left out, since the file could not be
    read with `weights_only=True` then; the run's config has them. Hyperparameters that contain one of the `secrets`
    are masked by `***`.

    Raises:
        CheckpointWriteError: the disk is full, the folder cannot be written, or the state holds objects
            that could not be read back.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, durable=True) as partial:
            # an open file, since torch would write a path's name into the checkpoint
            with partial.open("wb") as file:
                torch.save(_with_plain_hyperparameters(checkpoint, secrets), file)
            _check_readable(partial, path)
    # AttributeError: pickle could not find a local function or class by its name
    except (OSError, RuntimeError, pickle.PicklingError, AttributeError) as error:
        raise CheckpointWriteError(
            f"the checkpoint {path} could not be written: {error}; "
            + ("the one before it is untouched" if path.exists() else "there is none before it")
        ) from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read the checkpoint to the CPU, with `weights_only=True`.

    Hyperparameters that are not plain data, as other programs write them, are left out and not made.

    Raises:
        CheckpointError: the file does not exist, is truncated, is no checkpoint, or has objects that could run code.
    """
    refuse_unreadable(path)
    if not is_whole_archive(path):
        raise CheckpointError(
            f"{path} is not a whole checkpoint: it is truncated, damaged or of another kind"
        )
    try:
        with torch.serialization.safe_globals(_PLAIN_GLOBALS):
            unknown = torch.serialization.get_unsafe_globals_in_checkpoint(path)
            with torch.serialization.safe_globals(placeholders(unknown)):
                checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path} {NOT_PLAIN}") from error
    # torch checks nothing of what a pickle asks for: anything may come of damaged ones
    except Exception as error:
        raise CheckpointError(f"{path} is not a whole checkpoint: {_first_line(error)}") from error
    if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get("state_dict"), dict):
        raise CheckpointError(f"{path} is not a Lightning checkpoint: it has no `state_dict`")
    if not unknown:
        return checkpoint
    plain = _with_plain_hyperparameters(checkpoint)
    if (name := placeholder_within(plain)) is not None:
        raise CheckpointError(f"{path} {NOT_PLAIN}: `{name}`")
    return plain


class AtomicCheckpointIO:
    """Mixed in before `TorchCheckpointIO`, to make the checkpoint plugin that Lightning gets.

    Attributes:
        secrets: the job's secrets, which must not get into a file.
    """

    secrets: KnownSecrets | None = None

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write `checkpoint`; a remote path (`s3://…`) is written by Lightning itself."""
        if "://" in str(path):
            super().save_checkpoint(checkpoint, path, storage_options)  # type: ignore[misc]
            return
        write_checkpoint(checkpoint, Path(path), self.secrets)

    def load_checkpoint(self, path: str | Path, *_: Any, **__: Any) -> dict[str, Any]:
        """Read from a local path, always with `weights_only=True`, whatever Lightning asks for."""
        return read_checkpoint(local_path(path))


def _with_plain_hyperparameters(
    checkpoint: dict[str, Any], secrets: KnownSecrets | None = None
) -> dict[str, Any]:
    cleaned = dict(checkpoint)
    for key, key_of_class in _HYPERPARAMETERS.items():
        # of a config that was kept whole; torch reads no class
        cleaned.pop(key_of_class, None)
        if isinstance(cleaned.get(key), dict):
            plain = {name: value for name, value in cleaned[key].items() if _is_plain(value)}
            cleaned[key] = plain if secrets is None else secrets.mask_within(plain)
        elif key in cleaned:
            del cleaned[key]
    return cleaned


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if type(value) in (list, tuple):
        return all(_is_plain(item) for item in value)
    # exactly these types: a member of an enumeration may be an int too, but is pickled as a member
    return value is None or type(value) in (bool, int, float, complex, str, bytes, torch.Tensor)


def _check_readable(file: Path, path: Path) -> None:
    with torch.serialization.safe_globals(_PLAIN_GLOBALS):
        unsafe = torch.serialization.get_unsafe_globals_in_checkpoint(file)
    if unsafe:
        raise CheckpointWriteError(
            f"the checkpoint {path} was not written: its state holds {', '.join(sorted(unsafe))}, which could not "
            "be read back with `weights_only=True`; let `state_dict` and `on_save_checkpoint` of the model, the "
            "data module and the callbacks give tensors, numbers, strings, lists and dictionaries"
        )
    if (fault := fault_of_checkpoint(file)) is not None:
        raise CheckpointWriteError(f"the checkpoint {path} was not written, since it {fault}")


def _first_line(error: BaseException) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return "".join(character if character.isprintable() else " " for character in line)
