"""SER306, a warning: methods of the model, data module and callbacks that are meant as hooks, and are none that Lightning can call."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.diagnostics import Diagnostic, Severity


def check_hooks(context: CheckContext) -> Iterator[Diagnostic]:
    """Hooks that are a letter off, and those that take fewer arguments than Lightning gives."""
    if context.lightning_trainer is None:
        return
    for target in (context.part("model"), context.part("data"), *context.callbacks):
        if target is None:
            continue
        for fault in context.reader.hook_faults(target.signature.path):
            method = f"`{fault.owner}.{fault.name}`"
            message = f"Lightning calls no {method}: the hook is `{fault.hook}`"
            fix = f"call it `{fault.hook}`"
            if fault.given:
                message = f"{method} takes too few arguments: Lightning gives it at least {fault.given}"
                fix = f"declare it with the parameters of Lightning's own `{fault.hook}`"
            yield Diagnostic(
                "SER306",
                message,
                target.target.place,
                target.place_key("_target_"),
                help=f"{fix}, in line {fault.line} of `{fault.module}`",
                severity=Severity.WARNING,
            )
