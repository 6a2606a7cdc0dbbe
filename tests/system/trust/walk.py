"""Every public callable of the trusted packages that are installed: what a config may name, and what that touches.

`make trust-table` writes the table anew; each line that it adds is to be read before it is committed. A walk over all
of it takes half a minute, so that the tests walk through a part, and see that the table is of what is installed.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import yaml

from serotiny.targets.modules.finder import ModuleFinder
from serotiny.targets.modules.location import Location, locate_submodule, locate_top_level, submodule_names
from serotiny.targets.modules.module import Module, ModuleTree
from serotiny.targets.modules.scope import Scope
from serotiny.targets.names.resolver import NameResolver
from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol, ModuleSymbol, Symbol
from serotiny.targets.policy.trust import Trust
from serotiny.targets.signature import TargetKind, TargetSignature

PACKAGES = ("serotiny", "torch", "torchmetrics", "pytorch_lightning", "lightning_fabric")
"""`lightning` holds the same modules as the last two, and the judge reads its names as theirs."""

DISTRIBUTIONS = ("torch", "torchmetrics", "pytorch-lightning")

TABLE = Path(__file__).with_name("passing.txt")
REASONS = Path(__file__).with_name("reasons.yaml")

_SKIPPED = {"test", "tests", "testing"}
_DEPTH = 2

_BUILTINS = {"open", "exec", "eval", "compile", "__import__"}
_MODULES = {
    "subprocess",
    "ctypes",
    "pickle",
    "cloudpickle",
    "dill",
    "marshal",
    "socket",
    "runpy",
    "shelve",
    "joblib",
}
_NAMES = {
    "import_module",
    "load_state_dict_from_url",
    "from_pretrained",
    "urlopen",
    "urlretrieve",
    "download_url_to_file",
    "unsafe_load",
    "load_library",
}
_PATHS = {
    "torch.load",
    "torch.save",
    "torch.hub.load",
    "os.system",
    "os.popen",
    "np.load",
    "numpy.load",
    "jit.load",
}


@dataclass
class Walk:
    """What passes, by canonical path, with the path by which it was met first."""

    passing: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    symbols: dict[str, Symbol] = field(default_factory=dict)


class Walker:
    """Goes through the modules of packages, and judges all that they hold."""

    def __init__(self) -> None:
        self.tree = ModuleTree(ModuleFinder())
        self.names = NameResolver(self.tree)
        self.trust = Trust()
        self.seen: set[str] = set()

    def walk(self, places: Sequence[str] = PACKAGES) -> Walk:
        """All that modules below `places` hold, and torch's compiled functions."""
        found = Walk()
        for package in PACKAGES:
            top = locate_top_level(package, (), tuple, _exists)
            assert top is not None
            for location in _locations(top):
                name = location.name
                module = (
                    self.tree.module(name) if f"{name}.".startswith(tuple(f"{p}." for p in places)) else None
                )
                if module is not None and not module.is_opaque:
                    self._module(module, found)
        self._compiled(found)
        return found

    def _module(self, module: Module, found: Walk) -> None:
        for name in module.scope.names:
            if name.startswith("_"):
                continue
            for symbol in self.names.module_member(module, name):
                # an alias is refused as often or more: what it leads to is judged as well
                is_theirs = symbol.path.partition(".")[0] in PACKAGES
                if isinstance(symbol, ModuleSymbol) or not is_theirs or symbol.path in self.seen:
                    continue
                self.seen.add(symbol.path)
                self._judge(f"{module.name}.{name}", symbol, found)
                if isinstance(symbol, ClassSymbol):
                    for inner in symbol.scope.names:
                        self._judge_path(f"{module.name}.{name}.{inner}", f"{symbol.path}.{inner}", found)

    def _judge(self, path: str, symbol: Symbol, found: Walk) -> None:
        bases: tuple[str, ...] = ()
        kind = TargetKind.FUNCTION if isinstance(symbol, FunctionSymbol) else TargetKind.UNKNOWN
        if isinstance(symbol, ClassSymbol):
            kind, bases = TargetKind.CLASS, self.names.linearise(symbol).paths
        if symbol.path.partition(".")[0] not in PACKAGES:
            return
        if self.trust.judge(path, TargetSignature(path=symbol.path, kind=kind, bases=bases)) is None:
            found.passing.setdefault(symbol.path, path)
            found.symbols.setdefault(symbol.path, symbol)
        else:
            found.refused += 1

    def _judge_path(self, path: str, canonical: str, found: Walk) -> None:
        if self.trust.judge(path, TargetSignature(path=canonical, kind=TargetKind.FUNCTION)) is None:
            found.passing.setdefault(canonical, path)
        else:
            found.refused += 1

    def _compiled(self, found: Walk) -> None:
        """What has no source: the functions that compiled modules give to torch's public ones."""
        for name in ("torch", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special"):
            for inner, value in vars(importlib.import_module(name)).items():
                path = f"{name}.{inner}"
                if inner.startswith("_") or not callable(value) or path in found.passing.values():
                    continue
                symbol = self.names.path(path)[0]
                if not isinstance(symbol, ClassSymbol | FunctionSymbol | ModuleSymbol):
                    self._judge(path, symbol, found)

    # --- what it touches

    def touched(self, symbol: Symbol) -> set[str]:
        """What in the source of a class or function, and of what that calls, reaches for files, code or the network."""
        return self._touched(symbol, _DEPTH, set())

    def _touched(self, symbol: Symbol, depth: int, seen: set[str]) -> set[str]:
        if symbol.path in seen or not isinstance(symbol, ClassSymbol | FunctionSymbol):
            return set()
        seen.add(symbol.path)
        scopes = (symbol.module.scope,)
        touched: set[str] = set()
        for node in ast.walk(symbol.node):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            touched |= {name} if _is_risky(name) else set()
            if depth and isinstance(node.func, ast.Name | ast.Attribute):
                touched |= self._callee(symbol.module, scopes, node.func, depth=depth, seen=seen)
        if isinstance(symbol, ClassSymbol):
            for base in self.names.linearise(symbol).classes[1:3]:
                touched |= self._touched(base, depth, seen) if base.path not in _ROOTS else set()
        return touched

    def _callee(
        self, module: Module, scopes: tuple[Scope, ...], called: ast.expr, depth: int, seen: set[str]
    ) -> set[str]:
        if not isinstance(called, ast.Name) and not isinstance(getattr(called, "value", None), ast.Name):
            return set()
        callee = self.names.expression(module, scopes, called)
        package = module.name.partition(".")[0]
        if callee.path.partition(".")[0] != package or callee.path in _ROOTS:
            return set()
        return self._touched(callee, depth - 1, seen)


_ROOTS = {
    "torch.nn.modules.module.Module",
    "torch._tensor.Tensor",
    "pytorch_lightning.core.module.LightningModule",
    "pytorch_lightning.trainer.trainer.Trainer",
    "torchmetrics.metric.Metric",
}
"""What everything of a kind has in common; read once, by themselves."""


def _is_risky(name: str) -> bool:
    head, _, last = name.rpartition(".")
    return (
        name in _BUILTINS | _PATHS
        or last in _NAMES
        or name.partition(".")[0] in _MODULES
        or (
            last in {"open", "load", "save"}
            and head.rpartition(".")[2] in {"torch", "fs", "hub", "jit", "np"}
        )
    )


def _locations(location: Location) -> Iterator[Location]:
    yield location
    for name in dict.fromkeys(submodule_names(location)):
        if name.startswith("_") or name in _SKIPPED:
            continue
        inner = locate_submodule(location, name, _exists)
        if inner is not None and not inner.namespace:
            yield from _locations(inner)


def _exists(path: str) -> bool:
    return Path(path).exists()


def versions() -> list[str]:
    """What the table is of, a line a package."""
    return [f"# {name} {metadata.version(name).partition('+')[0]}" for name in DISTRIBUTIONS]


def table(found: Walk) -> str:
    """The committed form: the versions, then a canonical path a line."""
    return "".join(f"{line}\n" for line in [*versions(), *sorted(found.passing)])


def reasons() -> list[tuple[str, tuple[str, ...]]]:
    """Why something that touches files, code or the network passes nevertheless: a reason, and the paths it is of."""
    return [(row["reason"], tuple(row["of"])) for row in yaml.safe_load(REASONS.read_text("utf-8"))]


def unexplained(walker: Walker, found: Walk) -> dict[str, list[str]]:
    """What passes, touches something, and has no reason in the list; with what it touches."""
    known = tuple(path for _, paths in reasons() for path in paths)
    touching = {path: walker.touched(symbol) for path, symbol in found.symbols.items()}
    return {
        path: sorted(what) for path, what in touching.items() if what and not f"{path}.".startswith(known)
    }


if __name__ == "__main__":
    walker = Walker()
    everything = walker.walk()
    TABLE.write_text(table(everything), "utf-8")
    for path, what in sorted(unexplained(walker, everything).items()):
        print(f"without a reason: {path} touches {', '.join(what)}")
