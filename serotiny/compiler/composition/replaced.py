"""Options of one group whose lists replace each other instead of being merged."""

from __future__ import annotations

from dataclasses import dataclass, field

from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.diagnostics import Diagnostic


@dataclass
class ReplacedLists:
    """Keeps track of the lists at the packages of configs while these are merged."""

    _options: dict[Keys, str] = field(default_factory=dict)

    def fault(self, config_path: str, keys: Keys, root: Node, content: Node) -> Diagnostic | None:
        """SER318 when a config's list replaces that of another option of its group.

        Args:
            config_path: the config that is merged now.
            keys: its package.
            root: what was merged before.
            content: what is merged now, from the root.
        """
        below, top = select(root, keys), select(content, keys)
        if top is None or not top.is_list:
            return None
        before = self._options.get(keys)
        self._options[keys] = config_path
        group, _, option = config_path.rpartition("/")
        if before is None or before.rpartition("/")[0] != group or before == config_path:
            return None
        if below is None or not below.is_list or not below.value:
            return None
        other = before.rpartition("/")[2]
        message = f"the list of `{group}/{other}` is replaced by that of `{group}/{option}`, which comes next"
        fix = "write both as mappings of names, as in `stopping: {_target_: …}`, which are put together"
        return Diagnostic("SER318", message, below.place, join(keys), help=fix)
