"""Hydra's own part of a call (`hydra.run.dir`, `hydra/launcher`): Hydra composes it, and judges it."""

from __future__ import annotations

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.whole_config import compose_with_hydra
from serotiny.diagnostics import Diagnostic, Severity


def check_hydra_settings(composed: Composed) -> list[Diagnostic]:
    """What Hydra refuses of its own settings, where a call or a config has any.

    Composing Hydra's own config takes as long as a whole check, so it is done for those calls alone.

    Returns:
        SER106 at the override at fault; a warning at the `hydra` key when it lies in the configs.
    """
    own = [argument for argument in composed.arguments if argument.is_hydra]
    if not own and composed.hydra is None:
        return []
    # pydantic's models are built for this alone
    from serotiny.compiler.hydra.config_source import source_path
    from serotiny.schemas.hydra_store import register

    register()
    path = source_path(composed.project, composed.primary, composed.inserted)
    texts = [argument.text for argument in composed.arguments]
    message = _verdict(composed.primary, path, texts)
    if message is None:
        return []
    for argument in own:
        rest = [text for text in texts if text != argument.text]
        if _verdict(composed.primary, path, rest) != message:
            return [Diagnostic("SER106", message, argument.key_place, argument.parsed.key_or_group)]
    if composed.hydra is None:
        return [Diagnostic("SER106", message, own[0].key_place, "hydra")]
    # Most often a plugin that is not installed where a config is only checked.
    place = composed.hydra.blame_key()
    fix = "install the plugin that it needs, or fix it"
    return [Diagnostic("SER106", message, place, "hydra", help=fix, severity=Severity.WARNING)]


def _verdict(primary: str, path: str, overrides: list[str]) -> str | None:
    from serotiny.compiler.hydra.config_source import SerotinySource

    try:
        compose_with_hydra(primary, path, SerotinySource, overrides)
    except Rejected as error:
        return f"Hydra refuses its settings: {error}"
    return None
