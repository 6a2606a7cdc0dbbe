"""SER306: methods of the model, data module and callbacks that are meant as hooks, and are none that Lightning can call."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.required_methods import missing_methods
from serotiny.diagnostics import Diagnostic, Severity


def check_hooks(context: CheckContext) -> Iterator[Diagnostic]:
    """Hooks that are a letter off, and those that take fewer arguments than Lightning gives.

    They are warnings, but for a hook without which Lightning refuses the part.
    """
    if context.lightning_trainer is None:
        return
    needed = {(missing.target.keys, name) for missing in missing_methods(context) for name in missing.names}
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
            is_needed = context.layout.is_own and not fault.given and (target.keys, fault.hook) in needed
            yield Diagnostic(
                "SER306",
                message,
                target.target.place,
                target.place_key("_target_"),
                help=f"{fix}, in line {fault.line} of `{fault.module}`",
                severity=None if is_needed else Severity.WARNING,
            )
