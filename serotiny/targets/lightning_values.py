"""Values that Lightning trains with though its annotations say otherwise; a test trains with each of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from serotiny.targets.lightning import lightning_namespace
from serotiny.targets.value_types.tolerance import is_merely_true, stands_for_bool
from serotiny.targets.value_types.types import BoolType, NoneType, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.targets.signature import Parameter, TargetSignature

FLAGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Trainer": frozenset(
            {"barebones", "enable_autolog_hparams", "enable_checkpointing", "enable_model_summary"}
            | {"enable_progress_bar", "fast_dev_run", "inference_mode", "sync_batchnorm"}
            | {"use_distributed_sampler"}
        ),
        "ModelCheckpoint": frozenset(
            {"auto_insert_metric_name", "enable_version_counter", "save_on_exception"}
            | {"save_on_train_epoch_end", "save_weights_only", "verbose"}
        ),
        "EarlyStopping": frozenset(
            {"check_finite", "check_on_train_epoch_end", "log_rank_zero_only", "strict", "verbose"}
        ),
        "DeviceStatsMonitor": frozenset({"cpu_stats"}),
        "LearningRateMonitor": frozenset({"log_momentum", "log_weight_decay"}),
        "RichProgressBar": frozenset({"leave"}),
        "TQDMProgressBar": frozenset({"leave"}),
        "Timer": frozenset({"verbose"}),
    }
)
"""Class → the switches of which nothing but their truth is used: null and 0 are false, 1 and any text are true."""

FLAGS_OF_LOGGERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"WandbLogger": frozenset({"offline"})}
)
"""Likewise, of loggers whose packages a project may not have; a test reads their source."""

UNSET: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"CSVLogger": frozenset({"prefix"}), "MLFlowLogger": frozenset({"log_model", "prefix"})}
)
"""Class → the texts and choices for which null is as good as none: an empty prefix, no upload."""

UNSET_IN_LOGGERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"TensorBoardLogger": frozenset({"prefix"}), "WandbLogger": frozenset({"prefix", "save_dir"})}
)
"""Likewise, of loggers whose packages a project may not have."""

SWITCHED_OFF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Trainer": frozenset(
            {"gradient_clip_val", "limit_predict_batches", "limit_test_batches", "limit_train_batches"}
            | {"limit_val_batches", "log_every_n_steps", "min_epochs", "min_steps"}
            | {"num_sanity_val_steps", "overfit_batches", "profiler", "reload_dataloaders_every_n_epochs"}
        ),
        "ModelCheckpoint": frozenset({"every_n_epochs", "every_n_train_steps", "save_top_k"}),
    }
)
"""Class → the numbers and choices for which false is as good as 0, or as none."""

WHOLE_NUMBERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Trainer": frozenset(
            {"accumulate_grad_batches", "fast_dev_run", "log_every_n_steps", "max_steps", "min_epochs"}
            | {"min_steps", "num_sanity_val_steps"}
        ),
        "ModelCheckpoint": frozenset({"every_n_epochs", "every_n_train_steps", "save_top_k"}),
        "EarlyStopping": frozenset({"patience"}),
        "RichProgressBar": frozenset({"refresh_rate"}),
        "TQDMProgressBar": frozenset({"refresh_rate"}),
        "CSVLogger": frozenset({"flush_logs_every_n_steps"}),
    }
)
"""Class → the numbers that are only compared and reckoned with: `1e3`, a float, is as good as `1000`."""

HANDED_ON: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "DeepSpeedStrategy": frozenset(
            {
                "allgather_bucket_size",
                "max_in_cpu",
                "params_buffer_size",
                "reduce_bucket_size",
                "sub_group_size",
            }
        )
    }
)
"""Class → the numbers that it hands to DeepSpeed, whose own configuration is written with floats: `5e8`."""


def trains_with(signature: TargetSignature, parameter: Parameter, value: Any) -> bool:
    """Whether a class of Lightning's, or one derived from it, works with a value that an annotation excludes."""
    if lightning_namespace(signature) is None:
        return False
    is_switch = any(isinstance(part, BoolType) for part in parts(parameter.type))
    is_nothing_else = all(isinstance(part, BoolType | NoneType) for part in parts(parameter.type))
    table: Mapping[str, frozenset[str]]
    if (is_switch and stands_for_bool(value)) or (is_nothing_else and is_merely_true(value)):
        table = {**FLAGS, **FLAGS_OF_LOGGERS}
    elif value is None:
        table = {**UNSET, **UNSET_IN_LOGGERS}
    elif value is False:
        table = SWITCHED_OFF
    else:
        is_whole = isinstance(value, float) and value.is_integer()
        table = {**WHOLE_NUMBERS, **HANDED_ON} if is_whole else {}
    classes = [base.rpartition(".")[2] for base in signature.bases or (signature.path,)]
    return any(parameter.name in table.get(name, ()) for name in classes)
