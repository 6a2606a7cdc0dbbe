"""The checks that come with serotiny; called from this table, since looking them up costs time."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.checks.manifest_columns import check_manifest_columns
from serotiny.compiler.checks.manifest_dimension import check_manifest_dimension
from serotiny.compiler.checks.monitor_mode import check_monitor_mode
from serotiny.compiler.checks.run import NamedCheck

BUILTIN_CHECKS: Final = (
    NamedCheck("manifest-columns", check_manifest_columns),
    NamedCheck("manifest-dimension", check_manifest_dimension),
    NamedCheck("monitor-mode", check_monitor_mode),
)
