"""SER306: methods of the model, data module and callbacks that are meant as hooks, and are none that Lightning can call."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.lightning.required_methods import called_methods, missing_methods
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import HookFault


def check_hooks(context: CheckContext) -> Iterator[Diagnostic]:
    """Hooks that are a letter off, and those that do not take the arguments that Lightning gives.

    They are warnings, but for a hook without which Lightning refuses the part, and one that the job certainly calls.
    """
    if context.lightning_trainer is None:
        return
    needed = {(missing.target.keys, name) for missing in missing_methods(context) for name in missing.names}
    called = called_methods(context)
    for target in (context.part("model"), context.part("data"), *context.callbacks):
        if target is None:
            continue
        for fault in context.reader.hook_faults(target.signature.path):
            fails = (target.keys, fault.hook) in needed if fault.is_misspelt else fault.hook in called
            message, fix = _said_of(fault)
            yield Diagnostic(
                "SER306",
                message,
                target.target.place,
                target.place_key("_target_"),
                help=f"{fix}, in line {fault.line} of `{fault.module}`",
                severity=None if context.layout.is_own and fails else Severity.WARNING,
                is_of_code=True,
            )


def _said_of(fault: HookFault) -> tuple[str, str]:
    """What is wrong with a hook, and how to mend it."""
    method = f"`{fault.owner}.{fault.name}`"
    if fault.is_misspelt:
        return f"Lightning calls no {method}: the hook is `{fault.hook}`", f"call it `{fault.hook}`"
    fix = f"declare it with the parameters of Lightning's own `{fault.hook}`"
    if fault.named is not None:
        return f"{method} takes no `{fault.named}`, which Lightning gives by that name", fix
    if fault.needed:
        count = f"{fault.needed} argument{'s' * (fault.needed != 1)}"
        return f"{method} needs {count}: Lightning gives it {fault.given or 'none'}", fix
    return f"{method} takes too few arguments: Lightning gives it at least {fault.given}", fix
