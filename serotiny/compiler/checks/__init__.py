"""Knowledge that no signature has, one module a check; see docs/checks.md.

A check is a function of a `CheckContext` that gives diagnostics. Those that come with serotiny are in
`builtin.BUILTIN_CHECKS`; others are found through the entry-point group `serotiny.checks`.
"""

from serotiny.compiler.checks.context import Check, CheckContext

__all__ = ["Check", "CheckContext"]
