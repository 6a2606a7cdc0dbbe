"""Which of the project's methods an error is about that Lightning or torch raise outside of the project's code."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

_CALLED: Final = re.compile(r"`(\w+)`|(\w+)\(\)")
"""How messages name a method: in backticks, or with brackets behind it."""

_FOREIGN: Final = frozenset({"site-packages", "dist-packages", ".venv", "venv"})
"""Folders of packages that are installed."""

_REMEDIES: Final = (
    (
        r"Unknown configuration for model optimizers|^'optimizer'$",
        'return an optimizer, a list of them, or `{"optimizer": …, "lr_scheduler": …}`',
    ),
    (
        r"must return a Tensor",
        "return the loss as a tensor of one number, without `.item()` or `float()`",
    ),
    (
        r"'loss' key needs to be present",
        'return the loss, or a mapping with it: `{"loss": loss}`',
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "let the loss depend on the model's parameters: `.detach()`, `.item()`, `torch.no_grad()`, `argmax` "
        "and whole numbers on the way cut it off",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "return one number, such as `loss.mean()`",
    ),
    (
        r"backward through the graph a second time",
        "leave `loss.backward()` to Lightning, or set `self.automatic_optimization = False`; what is kept from one "
        "batch to the next needs `.detach()`",
    ),
    (r"^No `test_step\(\)`", "define it, or switch the test off: `++test=false`"),
    (r"^No `\w+\(\)` method defined", "define it; a method that is misspelt is passed over"),
    (
        r"^Error\(s\) in loading state_dict",
        "the checkpoint is of another model: give the options of the run that wrote it, or name one of this model",
    ),
    (
        r"must include a monitor|conditioned on metric",
        "name in `monitor` a metric that the model logs by then",
    ),
)
"""What to do about messages that do not say it."""


def told_about(error: BaseException, parts: Sequence[Any], root: Path) -> Iterator[str]:
    """Lines for the user: the method in question where it is known, and what to do where that is known.

    Args:
        error: passed through no code of the project.
        parts: the model, the data module and the callbacks, of whatever package.
        root: the folder of the project.
    """
    message = str(error)
    for name in _names(error, message):
        where = next((place for part in parts if (place := _place(part, name, message, root))), None)
        if where is not None:
            yield where
            break
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, message):
            yield remedy
            return


def _names(error: BaseException, message: str) -> Iterator[str]:
    """Names that may be those of the method, the likeliest first."""
    for quoted, called in _CALLED.findall(message):
        yield quoted or called
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        # torch's own methods have the names of others', as `load_state_dict`
        if "torch" not in Path(frame.filename).parts:
            yield _hook_behind(frame.name)


def _hook_behind(function: str) -> str:
    """The hook whose result a function of Lightning's uses."""
    if "lr_scheduler" in function:
        return "configure_optimizers"
    return "training_step" if function == "backward" else function.lstrip("_")


def _place(part: Any, name: str, message: str, root: Path) -> str | None:
    """`at FILE:LINE in CLASS.METHOD` of a method of the project's; of a missing one, its class."""
    kind = type(part)
    method = getattr(kind, name, None)
    if not callable(method):
        return None
    place = _source(method, root)
    if place is not None:
        return f"at {place} in {kind.__name__}.{name}"
    if re.match(rf"No `{name}\(\)`", message) and (place := _source(kind, root)) is not None:
        return f"at {place} in {kind.__name__}"
    return None


def _source(what: Callable[..., Any], root: Path) -> str | None:
    """`FILE:LINE` of a function or class in the project's own files."""
    try:
        made = inspect.unwrap(what)
        file = Path(inspect.getsourcefile(made) or "")
        line = inspect.getsourcelines(made)[1]
    except (OSError, TypeError, ValueError):
        return None
    return f"{file.relative_to(root)}:{line}" if is_own(file, root) else None


def is_own(file: Path, root: Path) -> bool:
    """Whether a file is the project's own, and not of a package that is installed below its folder."""
    return file.is_relative_to(root) and not _FOREIGN.intersection(file.relative_to(root).parts)
