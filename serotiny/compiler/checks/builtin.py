"""The checks that come with serotiny; called from this table, since looking them up costs time."""

from __future__ import annotations

from typing import Final

from serotiny.compiler.checks.filename_metrics import check_filename_metrics
from serotiny.compiler.checks.lightning.callback_values import check_callback_values
from serotiny.compiler.checks.lightning.combined_values import check_combined_values
from serotiny.compiler.checks.lightning.hooks import check_hooks
from serotiny.compiler.checks.lightning.logger_values import check_logger_values
from serotiny.compiler.checks.lightning.manual_optimization import check_manual_optimization
from serotiny.compiler.checks.lightning.registered_names import check_registered_names
from serotiny.compiler.checks.lightning.required_methods import check_required_methods
from serotiny.compiler.checks.lightning.sought_attributes import check_sought_attributes
from serotiny.compiler.checks.lightning.trainer_values import check_trainer_values
from serotiny.compiler.checks.loader_values import check_loader_values
from serotiny.compiler.checks.manifest.batches import check_manifest_batches
from serotiny.compiler.checks.manifest.classes import check_manifest_classes
from serotiny.compiler.checks.manifest.columns import check_manifest_columns
from serotiny.compiler.checks.manifest.dimension import check_manifest_dimension
from serotiny.compiler.checks.manifest.labels import check_manifest_labels
from serotiny.compiler.checks.manifest.splits import check_manifest_splits
from serotiny.compiler.checks.manifest.streamed import check_streamed_fractions, check_streamed_loaders
from serotiny.compiler.checks.monitor_mode import check_monitor_mode
from serotiny.compiler.checks.monitored_metric import check_monitored_metric, check_sweep_metric
from serotiny.compiler.checks.partial_function import check_partial_function
from serotiny.compiler.checks.run import NamedCheck
from serotiny.compiler.checks.secret import check_secret

BUILTIN_CHECKS: Final = (
    NamedCheck("manifest-columns", check_manifest_columns, of_targets=True),
    NamedCheck("manifest-classes", check_manifest_classes, of_targets=True),
    NamedCheck("manifest-dimension", check_manifest_dimension, of_targets=True),
    NamedCheck("manifest-labels", check_manifest_labels, of_targets=True),
    NamedCheck(
        "manifest-splits", check_manifest_splits, of_targets=True, also_of=("test", "predict", "trainer")
    ),
    NamedCheck("manifest-batches", check_manifest_batches, of_targets=True, also_of=("test", "predict")),
    NamedCheck("streamed-loaders", check_streamed_loaders, of_targets=True),
    NamedCheck("streamed-fractions", check_streamed_fractions, of_targets=True, also_of=("test",)),
    NamedCheck("registered-names", check_registered_names, of_targets=True),
    NamedCheck("trainer-values", check_trainer_values, of_targets=True),
    NamedCheck("combined-values", check_combined_values, of_targets=True),
    NamedCheck("manual-optimization", check_manual_optimization, of_targets=True),
    NamedCheck("loader-values", check_loader_values, of_targets=True),
    NamedCheck("logger-values", check_logger_values, of_targets=True),
    NamedCheck("callback-values", check_callback_values, of_targets=True),
    NamedCheck("filename-metrics", check_filename_metrics, of_targets=True),
    NamedCheck("partial-function", check_partial_function, of_targets=True),
    NamedCheck("sought-attributes", check_sought_attributes, of_targets=True),
    NamedCheck("hooks", check_hooks, of_targets=True, also_of=("train", "test", "predict")),
    NamedCheck(
        "required-methods", check_required_methods, of_targets=True, also_of=("train", "test", "predict")
    ),
    NamedCheck("monitored-metric", check_monitored_metric, of_targets=True),
    NamedCheck("sweep-metric", check_sweep_metric),
    NamedCheck("monitor-mode", check_monitor_mode, of_targets=True),
    NamedCheck("secret", check_secret, of_each_part=True),
)
