"""The primary configs of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project import Project, ProjectError
from serotiny.compiler.project.layout import HYDRA
from serotiny.compiler.sources.roots import find_roots
from serotiny.compiler.sources.sources import Sources

LIST = "defaults:\n  - _self_\n"


def sources(root: Path, *named: str, has_all: bool = False, **configs: str) -> Sources:
    for name, text in configs.items():
        (root / f"{name}.yaml").write_text(text)
    return Sources(
        Project(
            root=root,
            package=None,
            config_folders=(root,),
            layout=HYDRA,
            operations={},
            named_roots=named,
            has_all_roots=has_all,
        )
    )


def test_top_level_configs_with_a_defaults_list_are_roots(tmp_path: Path) -> None:
    """So is `config.yaml`, and what the source names; a sweep of another tool, or a part of a root, is none."""
    made = sources(
        tmp_path,
        "bare",
        fit=f"{LIST}  - base\n  - rest.yaml\n",
        base=LIST,
        rest=LIST,
        config="a: 1\n",
        sweep="method: grid\nparameters: {}\n",
        bare="a: 1\n",
    )

    assert ("bare", "config", "fit") == find_roots(made)


def test_listed_roots_are_all_there_are(tmp_path: Path) -> None:
    """And each of them has to exist."""
    assert ("a",) == find_roots(sources(tmp_path, "a", has_all=True, a="", b=LIST))

    with pytest.raises(ProjectError, match="there is no config `gone`"):
        find_roots(sources(tmp_path, "gone", has_all=True))


def test_own_layout_has_its_operations_and_further_roots(tmp_path: Path) -> None:
    """A config beside the operations' own is compiled too, and asks for nothing that it does not say."""
    for name in ("train", "finetune"):
        (tmp_path / f"{name}.yaml").write_text(LIST)

    assert ("train", "finetune") == find_roots(
        Sources(Project(root=tmp_path, package=None, config_folders=(tmp_path,)))
    )
