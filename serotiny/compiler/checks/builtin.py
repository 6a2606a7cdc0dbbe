"""The checks that come with serotiny; called from this table, since looking them up costs time."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.checks.accelerator import check_accelerator
from serotiny.compiler.checks.manifest.columns import check_manifest_columns
from serotiny.compiler.checks.manifest.dimension import check_manifest_dimension
from serotiny.compiler.checks.manifest.splits import check_manifest_splits
from serotiny.compiler.checks.monitor_mode import check_monitor_mode
from serotiny.compiler.checks.monitored_metric import check_monitored_metric, check_sweep_metric
from serotiny.compiler.checks.run import NamedCheck
from serotiny.compiler.checks.secret import check_secret

BUILTIN_CHECKS: Final = (
    NamedCheck("manifest-columns", check_manifest_columns, of_targets=True),
    NamedCheck("manifest-dimension", check_manifest_dimension, of_targets=True),
    NamedCheck("manifest-splits", check_manifest_splits),
    NamedCheck("accelerator", check_accelerator, of_targets=True),
    NamedCheck("monitored-metric", check_monitored_metric, of_targets=True),
    NamedCheck("sweep-metric", check_sweep_metric),
    NamedCheck("monitor-mode", check_monitor_mode, of_targets=True),
    NamedCheck("secret", check_secret),
)
