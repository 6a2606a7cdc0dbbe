"""Find the layer of a model that failed for a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True)
class LayerCall:
    """A call of a layer.

    Attributes:
        path: the path of the module in the model, such as `network.0`; "" for the model itself.
        layer: its class and arguments, in a line.
        inputs: the shapes of its inputs.
    """

    path: str
    layer: str
    inputs: tuple[tuple[int, ...], ...]


class LayerTrace:
    """Records which layers of a model are being called; after an error, the innermost one is where it happened."""

    def __init__(self, model: nn.Module) -> None:
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._calls: list[LayerCall] = []
        self._handles = [
            handle
            for module in model.modules()
            for handle in (
                module.register_forward_pre_hook(self._begin),
                module.register_forward_hook(self._end),
            )
        ]

    @property
    def innermost(self) -> LayerCall | None:
        """The innermost layer whose call has not ended; None if there is none."""
        return self._calls[-1] if self._calls else None

    def forget(self) -> None:
        """Reset the record for a new batch."""
        self._calls.clear()

    def remove(self) -> None:
        """Remove the hooks from the model."""
        for handle in self._handles:
            handle.remove()

    def _begin(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        shapes = tuple(tuple(value.shape) for value in inputs if isinstance(value, Tensor))
        self._calls.append(LayerCall(self._paths.get(id(module), ""), _in_a_line(module), shapes))

    def _end(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if self._calls:
            self._calls.pop()


def _in_a_line(module: nn.Module) -> str:
    inside = "" if list(module.children()) else module.extra_repr()
    return f"{type(module).__name__}({inside})"


def config_keys(model: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    """The keys in a model's config from which the module at a path is made, as far as they can be found.

    A submodule is assumed to be the argument of the same name, or in `torch.nn.Sequential` of the same number.
    """
    keys: list[Any] = []
    node: Any = model
    for part in path.split(".") if path else ():
        if not isinstance(node, Mapping):
            break
        arguments = node.get("_args_")
        if part in node:
            keys.append(part)
            node = node[part]
        elif part.isdigit() and isinstance(arguments, list) and int(part) < len(arguments):
            keys += ["_args_", int(part)]
            node = arguments[int(part)]
        else:
            break
    return tuple(keys)


def named_in(model: Mapping[str, Any], message: str) -> Iterator[str]:
    """The arguments in a model's config that a message names in backticks."""
    for word in message.split("`")[1::2]:
        if word in model:
            yield word
