"""What a config may name below Hydra's launcher and sweeper."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from serotiny.compiler.project import Project
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.validation.hydra_node.settings import judge_hydra_settings
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.targets import SignatureReader


def codes(root: Path, sweeper: str, trusted: tuple[str, ...] = ()) -> list[str]:
    (root / "searches").mkdir(exist_ok=True)
    (root / "searches/my-space.py").write_text("def configure(cfg, trial): ...\n")
    project = Project(root=root, package=None, config_folders=(), trusted=trusted)
    judge = TargetJudge.of_project(project, SignatureReader((root,)))
    settings = parse_document("start.yaml", f"sweeper: {sweeper}\n").root
    return [
        fault.code for fault in judge_hydra_settings(settings, PurePosixPath(root), judge, is_whole=False)
    ]


@pytest.mark.parametrize(
    ("target", "trusted", "expected"),
    [
        ("absent_package.Sampler", (), ["SER312"]),
        ("optuna.samplers.TPESampler", (), []),
        ("optuna.integration.Thing", (), ["SER501"]),
        ("subprocess.call", (), ["SER505"]),
        ("subprocess.call", ("subprocess",), ["SER505"]),
        ("torch.nn.Linear", (), ["SER505"]),
        ("torch.nn.Linear", ("torch",), []),
    ],
)
def test_node_in_a_sweeper_is_a_plug_in_or_of_a_package_that_the_project_trusts(
    tmp_path: Path, target: str, trusted: tuple[str, ...], expected: list[str]
) -> None:
    """What is not installed cannot run; of another package the advice is that of any other target."""
    assert expected == codes(tmp_path, f"{{algorithm: {{_target_: {target}}}}}", trusted)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("searches.my-space.configure", []),
        ("searches.my-space.other", ["SER505"]),
        ("searches.absent.configure", ["SER505"]),
        ("os.path.join", ["SER505"]),
    ],
)
def test_study_is_changed_by_a_function_in_a_file_of_the_project(
    tmp_path: Path, path: str, expected: list[str]
) -> None:
    """Its folder need not be a package, nor the file have a name that an `import` could write."""
    assert expected == codes(tmp_path, f"{{custom_search_space: {path}}}")
