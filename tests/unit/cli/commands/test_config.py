"""`serotiny config TARGET`: a block that is read back as it is meant, and checks clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from serotiny.cli.commands.config import command
from serotiny.cli.commands.new import create_project
from serotiny.cli.main import main
from serotiny.compiler.syntax.document import parse_document
from serotiny.report.config_block import config_block, snake_case
from serotiny.targets import SignatureCache, SignatureReader, TargetSignature, accepts
from serotiny.targets.catalog.homes import BUILTIN_HOMES


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = create_project({}, no_input=True, output_dir=tmp_path)
    monkeypatch.chdir(root)
    return root


def targets() -> Iterator[tuple[str, TargetSignature]]:
    reader = SignatureReader(cache=SignatureCache())
    for home in BUILTIN_HOMES:
        for member in reader.members(home.module):
            signature = reader.read(member.path)
            assert isinstance(signature, TargetSignature)
            yield member.path, signature


def test_block_of_every_built_in_target_is_its_signature() -> None:
    """For each target that is offered the block is YAML with its parameters, required ones missing, the rest as by default."""
    count = 0
    for path, signature in targets():
        document = parse_document("block.yaml", config_block(path, signature))
        assert () == document.diagnostics, path
        data = document.root.plain()
        assert path == data.pop("_target_")
        for key, value in data.items():
            if key in ("_partial_", "_args_"):
                continue
            parameter = signature.parameter(key)
            assert parameter is not None, (path, key)
            if parameter.required:
                assert "???" == value
            else:
                assert parameter.default is not None
                assert parameter.default.value == value, (path, key)
                assert accepts(parameter.type, value), (path, key)
        count += 1
    assert count > 250


def test_optimizer_is_partial_and_leaves_params_to_the_code() -> None:
    """What the model adds is no key of the block."""
    signature = SignatureReader(cache=SignatureCache()).read("torch.optim.Adam")
    assert isinstance(signature, TargetSignature)

    data = parse_document("block.yaml", config_block("torch.optim.Adam", signature)).root.plain()

    assert data["_partial_"] is True
    assert "params" not in data
    assert (0.001, [0.9, 0.999], 1e-08) == (data["lr"], data["betas"], data["eps"])


def test_misspelt_target_exits_1_with_a_hint(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that is not there is told, with the name that was probably meant."""
    assert 1 == main(["config", "torch.optim.Adm"])
    assert "did you mean `Adam`?" in capsys.readouterr().err


def test_no_project_is_needed_to_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block can be printed anywhere; adding one needs a project."""
    monkeypatch.chdir(tmp_path)

    assert 0 == main(["config", "torch.nn.Linear"])
    assert 2 == main(["config", "torch.nn.Linear", "--add", "model/linear"])


def test_block_is_added_and_never_over_a_file(project: Path) -> None:
    """`--add` writes an option of a group once; a second time fails with 2 and leaves the file alone."""
    path = project / "a_tiny_project" / "config" / "model" / "mine.yaml"
    call = ["config", "a_tiny_project.models.MyCustomModel", "--add", "model/mine"]

    assert 0 == main(call)
    path.write_text("_target_: changed\n")
    assert 2 == main(call)

    assert "_target_: changed\n" == path.read_text()
    assert ["default.yaml", "mine.yaml", "my_model.yaml"] == sorted(
        file.name for file in path.parent.iterdir()
    )


def test_callback_is_added_by_name_and_checks_clean(project: Path) -> None:
    """In `trainer/callbacks` a block stands below a key, and once completed the project checks clean."""
    path = project / "a_tiny_project" / "config" / "trainer" / "callbacks" / "stop.yaml"
    target = "pytorch_lightning.callbacks.EarlyStopping"

    assert 0 == main(["config", target, "--add", "trainer/callbacks/stop"])
    text = path.read_text()
    path.write_text(text.replace("???", "val_loss"))

    assert text.startswith("early_stopping:\n")
    assert 0 == main(["check", "config", "train", "trainer/callbacks=stop"])


@pytest.mark.parametrize("option", ["model", "../model/x", "model/../../x", "/etc/x", "model/", "a\\b/x"])
def test_option_that_leads_elsewhere_is_refused(project: Path, option: str) -> None:
    """Only an option of a group in the project's own config folder can be added."""
    assert 2 == main(["config", "torch.nn.Linear", "--add", option])


def test_untrusted_target_is_printed_with_a_note(project: Path) -> None:
    """Reading is harmless; that a config may not name it is said."""
    result = CliRunner().invoke(command, ["yaml.YAMLObject"])

    assert "_target_: yaml.YAMLObject" in result.stdout
    assert "not trusted" in result.stderr


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.EarlyStopping", "early_stopping"), ("a.TQDMProgressBar", "tqdm_progress_bar"), ("f", "f")],
)
def test_key_of_a_target(path: str, expected: str) -> None:
    """A callback's key is its class's name in snake case."""
    assert expected == snake_case(path)
