"""The kinds of classes that a config may name of a trusted package: by the base class that they derive from."""

from __future__ import annotations

from typing import Final

_LIGHTNING: Final = ("pytorch_lightning", "lightning.pytorch")
_FABRIC: Final = ("lightning_fabric", "lightning.fabric")


def _in_each(namespaces: tuple[str, ...], *paths: str) -> frozenset[str]:
    return frozenset(f"{namespace}.{path}" for namespace in namespaces for path in paths)


LIGHTNING_BASES: Final = _in_each(
    _LIGHTNING,
    "accelerators.accelerator.Accelerator",
    "callbacks.callback.Callback",
    "core.datamodule.LightningDataModule",
    "core.module.LightningModule",
    "loggers.logger.Logger",
    "plugins.layer_sync.LayerSync",
    "plugins.precision.precision.Precision",
    "profilers.profiler.Profiler",
    "strategies.strategy.Strategy",
    "trainer.trainer.Trainer",
    "tuner.lr_finder._LRFinder",
    "utilities.combined_loader.CombinedLoader",
) | _in_each(
    _FABRIC,
    "accelerators.accelerator.Accelerator",
    "fabric.Fabric",
    "loggers.logger.Logger",
    "plugins.environments.cluster_environment.ClusterEnvironment",
    "plugins.io.checkpoint_io.CheckpointIO",
    "plugins.precision.precision.Precision",
    "strategies.strategy.Strategy",
)

TORCH_BASES: Final = frozenset(
    {
        "torch._tensor.Tensor",
        # as the class calls itself once it is imported
        "torch.Tensor",
        "torch.amp.grad_scaler.GradScaler",
        "torch.distributions.constraints.Constraint",
        "torch.distributions.distribution.Distribution",
        "torch.distributions.transforms.Transform",
        "torch.nn.modules.module.Module",
        "torch.optim.lr_scheduler.LRScheduler",
        "torch.optim.optimizer.Optimizer",
        "torch.utils.data.dataloader.DataLoader",
        "torch.utils.data.dataset.Dataset",
        "torch.utils.data.sampler.Sampler",
        "torchmetrics.collections.MetricCollection",
        "torchmetrics.metric.Metric",
        "torchvision.transforms.v2._transform.Transform",
    }
)

OTHER_BASES: Final = frozenset(
    {
        # of packages that a project has to trust first
        "PIL.ImageFilter.Filter",
        "albumentations.core.composition.BaseCompose",
        "albumentations.core.transforms_interface.BasicTransform",
        "monai.inferers.inferer.Inferer",
        "monai.inferers.splitter.Splitter",
        "monai.transforms.transform.Transform",
        "sklearn.base.BaseEstimator",
        "timm.scheduler.scheduler.Scheduler",
        "torch_geometric.transforms.base_transform.BaseTransform",
        "transformers.configuration_utils.PretrainedConfig",
        "transformers.configuration_utils.PreTrainedConfig",
        # serotiny's own loaders of manifests
        "serotiny.io.dataframe.loaders.loader.Loader",
    }
)

ALLOWED_BASES: Final = LIGHTNING_BASES | TORCH_BASES | OTHER_BASES
"""Canonical paths. A class of an installed, trusted package passes when one of its bases is among them."""

ALLOWED_NAMESPACES: Final = (
    # plain classes without a base of their own: each holds only pure functions of images and tensors
    "torchvision.transforms.transforms.",
    "torchvision.transforms.autoaugment.",
)
