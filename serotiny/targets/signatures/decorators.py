"""The decorators that keep a signature."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol, Symbol

if TYPE_CHECKING:
    from collections.abc import Collection

    from serotiny.targets.modules.module import Module
    from serotiny.targets.modules.scope import Scope
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode

_KEEPING_NAMES: Final = frozenset(
    {
        # the last part of the path, since many of these are exported by several modules
        "abstractmethod",
        "asynccontextmanager",
        "beartype",
        "cache",
        "classmethod",
        "contextmanager",
        "dataclass_transform",
        "deprecated",
        "enable_grad",
        "final",
        "inference_mode",
        "jaxtyped",
        "lru_cache",
        "no_grad",
        "no_type_check",
        "overload",
        "override",
        "runtime_checkable",
        "staticmethod",
        "total_ordering",
        "typechecked",
        "validate_call",
        "wraps",
    }
)
_KEEPING_PATHS: Final = frozenset(
    {
        "torch.compile",
        "torch.jit.export",
        "torch.jit.ignore",
        "torch.jit.unused",
        "torch.jit.script",
        "torch.jit.script_if_tracing",
        "torch.compiler.disable",
        "wrapt.decorator",
    }
)


def keeps_signature(
    decorator: ast.expr, module: Module, scopes: tuple[Scope, ...], resolver: NameResolver
) -> bool:
    """Whether the result of a decorator takes the same arguments as the decorated function or class."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    written = resolver.imported_path(module, scopes, called) or ast.unparse(called)
    if written.rpartition(".")[2] in _KEEPING_NAMES or written in _KEEPING_PATHS:
        return True
    return _keeps_signature(resolver.expression(module, scopes, called))


def _keeps_signature(symbol: Symbol) -> bool:
    match symbol:
        case FunctionSymbol(node=node):
            return _function_keeps(node)
        case ClassSymbol():
            # an instance of a decorator class is called with the decorated function
            calls = symbol.scope.overloads("__call__")
            return bool(calls) and _function_keeps(calls[-1])
        case _:
            return symbol.path in _KEEPING_PATHS or symbol.path.rpartition(".")[2] in _KEEPING_NAMES


def _function_keeps(node: FunctionNode) -> bool:
    """Whether a decorator returns its argument, or a `functools.wraps` wrapper of it that takes anything."""
    functions = [item for item in ast.walk(node) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    wrappers = [function for function in functions if any(map(_is_wraps, function.decorator_list))]
    parameters = {
        argument.arg
        for function in functions
        for argument in [*function.args.posonlyargs, *function.args.args]
    }
    if wrappers:
        return all(
            _takes_anything(wrapper.args) and not takes_out(wrapper) and not _adds(wrapper, parameters)
            for wrapper in wrappers
        )
    names = parameters | {function.name for function in functions}
    returns = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
    returned = {value.id if isinstance(value, ast.Name) else None for value in returns}
    return bool(returned & parameters) and returned <= names


def _adds(wrapper: FunctionNode, functions: Collection[str]) -> bool:
    """Whether a wrapper gives one of the functions around it an argument of its own beside its `**kwargs`."""
    own = wrapper.args.kwarg.arg if wrapper.args.kwarg is not None else None
    taken = {argument.arg for argument in [*wrapper.args.posonlyargs, *wrapper.args.args]}
    for node in ast.walk(wrapper):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in functions:
                given = [item for item in arguments if not isinstance(item, ast.Starred)]
                if any(not isinstance(item, ast.Name) or item.id not in taken for item in given):
                    return True
                hands_on = any(
                    item.arg is None and isinstance(item.value, ast.Name) and item.value.id == own
                    for item in keywords
                )
                if hands_on and any(item.arg is not None for item in keywords):
                    return True
            case _:
                pass
    return False


def _is_wraps(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and last_name(decorator.func) == "wraps"


def _takes_anything(arguments: ast.arguments) -> bool:
    """Whether a wrapper takes `(*args, **kwargs)`, perhaps after `self`, and adds no parameter of its own."""
    if arguments.vararg is None or arguments.kwarg is None or arguments.kwonlyargs:
        return False
    return len([*arguments.posonlyargs, *arguments.args]) <= 1


_TAKING_OUT: Final = frozenset({"clear", "pop", "popitem"})


def takes_out(wrapper: FunctionNode) -> bool:
    """Whether a wrapper takes keys out of its `**kwargs` before it passes them on, so that it knows more of them.

    One that puts defaults in, as that of Lightning's trainer does, takes no others than the function itself.
    """
    own = wrapper.args.kwarg.arg if wrapper.args.kwarg is not None else None
    for node in ast.walk(wrapper):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == own and attr in _TAKING_OUT:
                return True
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Del()) if name == own:
                return True
            case _:
                pass
    return False
