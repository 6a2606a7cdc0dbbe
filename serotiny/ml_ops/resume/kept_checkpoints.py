"""The record that a checkpoint holds of the best checkpoints beside it, where a run goes on in another folder."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from serotiny.filesystem import leads_out

_PATHS = ("best_model_path", "kth_best_model_path", "last_model_path")
_BEST = "best_k_models"

_log = logging.getLogger(__name__)


def move_kept(callbacks: Iterable[Any], states: dict[str, Any], old: Any, new: Path) -> None:
    """Change the paths in the states of `ModelCheckpoint`s to the folder of the resumed run.

    Otherwise Lightning would discard the record of the best checkpoints. A record with a path that leads out of the
    callback's own folder is discarded: a checkpoint from a store may name any file of this machine, which would be
    deleted when there is a better one, or uploaded as one of the best.
    """
    for callback in callbacks:
        state = states.get(callback.state_key)
        if not isinstance(state, dict) or not getattr(callback, "dirpath", None):
            continue
        if isinstance(old, str) and state.get("dirpath") == old:
            state["dirpath"] = str(new)
            for name in _PATHS:
                state[name] = _moved(state.get(name), old, new)
            state[_BEST] = {
                _moved(path, old, new): score for path, score in dict(state.get(_BEST) or {}).items()
            }
        paths = [*map(state.get, _PATHS), *(state.get(_BEST) or ())]
        if any(path and leads_out(Path(str(path)), Path(callback.dirpath)) for path in paths):
            _log.warning(
                "the checkpoint's record of the best checkpoints names files elsewhere; it is not used"
            )
            state |= {**dict.fromkeys(_PATHS, ""), _BEST: {}, "best_model_score": None}


def _moved(path: Any, old: str, new: Path) -> str:
    text = str(path or "")
    return str(new) + text[len(old) :] if text.startswith(old) else text
