"""Arguments of earlier Lightning versions and of other tools, and their words, with what replaces them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from serotiny.compiler.project.layout import Layout
from serotiny.targets import TargetSignature

_OF_A_TRAINER: Final = MappingProxyType(
    {
        "gpus": "write `accelerator: gpu` and `devices: …`, or `accelerator: cpu` for none",
        "num_gpus": "write `accelerator: gpu` and `devices: …`, or `accelerator: cpu` for none",
        "n_gpus": "write `accelerator: gpu` and `devices: …`, or `accelerator: cpu` for none",
        "tpu_cores": "write `accelerator: tpu` and `devices: …`",
        "num_tpu_cores": "write `accelerator: tpu` and `devices: …`",
        "num_processes": "write `accelerator: cpu` and `devices: …`",
        "auto_select_gpus": "write `devices: auto`",
        "nb_gpu_nodes": "it is called `num_nodes`",
        "nodes": "it is called `num_nodes`",
        "distributed_backend": "it is called `strategy`",
        "replace_sampler_ddp": "it is called `use_distributed_sampler`",
        "use_amp": "write `precision: 16-mixed`",
        "fp16": "write `precision: 16-mixed`",
        "bf16": "write `precision: bf16-mixed`",
        "amp_backend": "`precision: 16-mixed` is all that mixed precision needs",
        "amp_level": "`precision: 16-mixed` is all that mixed precision needs",
        "epochs": "it is called `max_epochs`",
        "num_epochs": "it is called `max_epochs`",
        "n_epochs": "it is called `max_epochs`",
        "max_nb_epochs": "it is called `max_epochs`",
        "min_nb_epochs": "it is called `min_epochs`",
        "num_train_epochs": "it is called `max_epochs`",
        "train_percent_check": "it is called `limit_train_batches`",
        "val_percent_check": "it is called `limit_val_batches`",
        "test_percent_check": "it is called `limit_test_batches`",
        "overfit_pct": "it is called `overfit_batches`",
        "nb_sanity_val_steps": "it is called `num_sanity_val_steps`",
        "gradient_accumulation_steps": "it is called `accumulate_grad_batches`",
        "accumulate_grad_steps": "it is called `accumulate_grad_batches`",
        "max_grad_norm": "it is called `gradient_clip_val`",
        "grad_clip": "it is called `gradient_clip_val`",
        "gradient_clip": "it is called `gradient_clip_val`",
        "terminate_on_nan": "it is called `detect_anomaly`",
        "reload_dataloaders_every_epoch": "write `reload_dataloaders_every_n_epochs: 1`",
        "checkpoint_callback": "it is called `enable_checkpointing`",
        "early_stop_callback": "name `EarlyStopping` among the callbacks",
        "stochastic_weight_avg": "name `StochasticWeightAveraging` among the callbacks",
        "log_gpu_memory": "name `DeviceStatsMonitor` among the callbacks",
        "progress_bar_refresh_rate": "write `enable_progress_bar: false`, or name a bar among the callbacks",
        "process_position": "it is a parameter of `TQDMProgressBar`, which stands among the callbacks",
        "show_progress_bar": "it is called `enable_progress_bar`",
        "weights_summary": "it is called `enable_model_summary`",
        "row_log_interval": "it is called `log_every_n_steps`",
        "flush_logs_every_n_steps": "it is a parameter of the loggers that have it",
        "log_save_interval": "it is the `flush_logs_every_n_steps` of the loggers that have it",
        "default_save_path": "it is called `default_root_dir`",
        "weights_save_path": "it is the `dirpath` of `ModelCheckpoint`, which stands among the callbacks",
        "prepare_data_per_node": "it is an attribute of the data module",
        "multiple_trainloader_mode": "it is the `mode` of the `CombinedLoader` that the data module returns",
        "truncated_bptt_steps": "the model has to split its sequences itself",
        "move_metrics_to_cpu": "the model has to move them itself",
        "automatic_optimization": "it is an attribute of the model",
        "auto_lr_find": "Lightning's tuner is no part of a training any more",
        "auto_scale_batch_size": "Lightning's tuner is no part of a training any more",
    }
)

_OF_OUR_TRAINER: Final = MappingProxyType(
    {
        "resume_from_checkpoint": "a run goes on by itself; another checkpoint is `ckpt_path`, at the root of the config",
        "track_grad_norm": "name the callback `serotiny.callbacks.GradientNorm`",
        "seed_everything": "it stands at the root of the config: `seed: …`",
    }
)
"""Where `serotiny` runs the job."""

_OF_A_SCRIPTS_TRAINER: Final = MappingProxyType(
    {
        "resume_from_checkpoint": "it is the `ckpt_path` of the trainer's `fit`",
        "ckpt_path": "it is a parameter of the trainer's `fit`",
        "track_grad_norm": "log the norms in the model's `on_before_optimizer_step`",
        "seed_everything": "it is a function of Lightning, which the script has to call",
    }
)
"""Where a script of the project runs it."""

_OF_A_CHECKPOINT_CALLBACK: Final = MappingProxyType(
    {
        "period": "it is called `every_n_epochs`",
        "every_n_val_epochs": "it is called `every_n_epochs`",
        "filepath": "write `dirpath: …` and `filename: …`",
    }
)

_PRECISIONS: Final = MappingProxyType(
    {
        "fp16": "16-mixed",
        "float16": "16-mixed",
        "half": "16-mixed",
        "amp": "16-mixed",
        "bfloat16": "bf16-mixed",
        "fp32": "32-true",
        "float32": "32-true",
        "float": "32-true",
        "fp64": "64-true",
        "float64": "64-true",
        "double": "64-true",
    }
)
"""The names that torch and other tools have for what Lightning calls a precision."""


def renamed_choice(text: str, choices: Sequence[str]) -> str | None:
    """The choice for which other tools have another word, if that is known."""
    meant = _PRECISIONS.get(text.removeprefix("torch.").lower())
    return meant if meant in choices else None


def renamed_argument(signature: TargetSignature, name: str, layout: Layout) -> str | None:
    """What to write instead of an argument that a class of Lightning's does not have, or not any more, if that is known."""
    paths = (signature.path, *signature.bases)
    if any(path.endswith(".trainer.Trainer") for path in paths):
        by_runner = _OF_OUR_TRAINER if layout.is_own else _OF_A_SCRIPTS_TRAINER
        return _OF_A_TRAINER.get(name) or by_runner.get(name)
    if any(path.endswith(".ModelCheckpoint") for path in paths):
        return _OF_A_CHECKPOINT_CALLBACK.get(name)
    return None
