"""Arguments of the trainers of earlier Lightning versions and of other tools, and their words, with what replaces them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from serotiny.targets import TargetSignature

_OF_A_TRAINER: Final = MappingProxyType(
    {
        "gpus": "write `accelerator: gpu` and `devices: …`",
        "num_gpus": "write `accelerator: gpu` and `devices: …`",
        "tpu_cores": "write `accelerator: tpu` and `devices: …`",
        "num_processes": "write `accelerator: cpu` and `devices: …`",
        "distributed_backend": "it is called `strategy`",
        "epochs": "it is called `max_epochs`",
        "num_epochs": "it is called `max_epochs`",
        "n_epochs": "it is called `max_epochs`",
        "resume_from_checkpoint": "a run goes on by itself; another checkpoint is `ckpt_path`, at the root of the config",
        "checkpoint_callback": "it is called `enable_checkpointing`",
        "progress_bar_refresh_rate": "write `enable_progress_bar: false`, or name a bar among the callbacks",
        "weights_summary": "it is called `enable_model_summary`",
        "auto_lr_find": "Lightning's tuner is no part of a training any more",
        "auto_scale_batch_size": "Lightning's tuner is no part of a training any more",
        "track_grad_norm": "name the callback `serotiny.callbacks.GradientNorm`",
        "seed_everything": "it stands at the root of the config: `seed: …`",
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


def renamed_argument(signature: TargetSignature, name: str) -> str | None:
    """What to write instead of an argument that Lightning's trainer does not have, if that is known."""
    is_trainer = any(base.endswith(".trainer.Trainer") for base in (signature.path, *signature.bases))
    return _OF_A_TRAINER.get(name) if is_trainer else None
