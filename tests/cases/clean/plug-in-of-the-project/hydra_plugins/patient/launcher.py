"""A launcher of the project's own."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore


@dataclass
class PatientConfig:
    """Settings of the launcher."""

    _target_: str = "hydra_plugins.patient.launcher.PatientLauncher"
    seconds: int = 10


ConfigStore.instance().store(group="hydra/launcher", name="patient", node=PatientConfig)
ConfigStore.instance().store(group="hydra/sweeper", name="patient", node=PatientConfig)
