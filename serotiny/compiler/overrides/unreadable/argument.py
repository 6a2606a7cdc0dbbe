"""An argument that Hydra's grammar refuses."""

from __future__ import annotations

from serotiny.compiler.overrides.quoting import for_shell, is_key
from serotiny.compiler.overrides.unreadable.fault import FORMS, not_an_override
from serotiny.compiler.overrides.unreadable.keys import bad_key, without_equals
from serotiny.compiler.overrides.unreadable.values import bad_value
from serotiny.diagnostics import Diagnostic


def refuse_unreadable(text: str) -> Diagnostic:
    """SER106 for an argument that is no override, at the character where that is known."""
    key, equals, value = text.partition("=")
    whole = (1, len(text) + 1)
    if not equals:
        return without_equals(text)
    if not key.strip("+~@ "):
        return not_an_override(text, "no key stands before `=`", whole, FORMS)
    if key.lstrip("+~").startswith("@"):
        at = key.index("@") + 1
        fix = f"write `{for_shell(text.replace('@', '', 1))}`, or `GROUP` before `@` for an option at that package"
        return not_an_override(text, "no group stands before `@`", (at, at + 1), fix)
    if key != key.rstrip() or (value.startswith(" ") and not value.strip().startswith(("'", '"'))):
        form = f"{key.strip()}={value.strip()}"
        return not_an_override(text, "spaces stand around its `=`", whole, f"write `{for_shell(form)}`")
    return bad_value(text, key, value) if is_key(key) else bad_key(text, key, value)
