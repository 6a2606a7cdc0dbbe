"""A plug-in that adds the configs of a package."""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class Folders(SearchPathPlugin):
    """Found by Hydra when a job starts."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add them behind all others."""
        search_path.append("folders", "pkg://shared.configs")
