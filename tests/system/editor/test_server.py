"""What the real yaml-language-server shows on the exported schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serotiny.cli.editor_wiring.jsonc import parse
from serotiny.cli.editor_wiring.wire import wire
from serotiny.targets import SignatureCache, SignatureReader, TargetSignature
from tests.system.editor.editor_project import EditorProject
from tests.system.editor.yaml_server import Mark, YamlServer

HYDRA = {"_target_", "_partial_", "_convert_", "_recursive_", "_args_", "defaults"}
GROUPS = ("data", "model", "trainer", "trainer.callbacks")


@pytest.fixture(scope="module", params=["template", "digits"])
def edited(request: pytest.FixtureRequest) -> EditorProject:
    project: EditorProject = request.getfixturevalue(request.param)
    return project


@pytest.fixture(scope="module")
def server(edited: EditorProject, node_modules: Path) -> Iterator[YamlServer]:
    """The server with the settings that `--editor vscode` writes."""
    wire("vscode", edited.project, edited.schemas)
    settings = parse((edited.project.root / ".vscode" / "settings.json").read_text("utf-8")).data
    own = {key.removeprefix("yaml."): value for key, value in settings.items()}
    with YamlServer(node_modules, edited.project.root, own) as running:
        yield running


def folder_of(edited: EditorProject, schema: str) -> str:
    config = edited.project.config_folders[0].relative_to(edited.project.root)
    return f"{config.as_posix()}/{schema.replace('.', '/')}"


def exported(document: dict[str, Any]) -> dict[str, str]:
    """Each path that a schema offers anywhere, with the definition of its parameters."""
    offered = {path for path in _enums(document["definitions"]["nested"]) if "." in path}
    found = {}
    for module in document["definitions"]["dispatch"]["then"]["allOf"]:
        for branch in module["then"]["allOf"]:
            pattern = re.compile(branch["if"]["properties"]["_target_"]["pattern"])
            name = branch["then"]["$ref"].rpartition("/")[2]
            found.update({path: name for path in offered if pattern.search(path)})
    assert found.keys() == offered
    return found


def _enums(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (item for item in schema.get("enum", []) if isinstance(item, str))
        for value in schema.values():
            yield from _enums(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _enums(item)


def at_end(server: YamlServer, folder: str, text: str) -> list[str]:
    """What is offered at the end of a text."""
    lines = text.split("\n")
    return server.completions(server.open(folder, text), len(lines), len(lines[-1]) + 1)


@pytest.mark.parametrize("schema", GROUPS)
def test_empty_target_of_a_group_offers_every_target_of_its_kind(
    server: YamlServer, edited: EditorProject, schema: str
) -> None:
    """At `_target_: ` at the top of a group stand exactly the targets that give what the group takes."""
    definitions = edited.documents[schema]["definitions"]
    name = "callback" if schema == "trainer.callbacks" else schema
    expected = definitions[name]["properties"]["_target_"]["anyOf"][0]["enum"]
    text = "one:\n  _target_: " if schema == "trainer.callbacks" else "_target_: "

    offered = at_end(server, folder_of(edited, schema), text)

    assert sorted(expected) == sorted(set(offered) - {"null"})


def test_project_s_own_classes_are_offered(server: YamlServer, edited: EditorProject) -> None:
    """A class that the project defines stands among the models; so do serotiny's."""
    offered = at_end(server, folder_of(edited, "model"), "_target_: ")

    assert "serotiny.models.TabularVAE" in offered
    if edited.project.package == "a_tiny_project":
        assert "a_tiny_project.models.MyCustomModel" in offered


def test_each_target_offers_exactly_its_own_parameters(server: YamlServer, edited: EditorProject) -> None:
    """After `_target_: X` stand the parameters of X and Hydra's keys, and no others, for every X exported."""
    reader = SignatureReader(edited.project.import_paths, SignatureCache())
    folder = folder_of(edited, "model")
    paths = sorted(exported(edited.documents["model"]))
    wrong = {}
    for path in paths:
        signature = reader.read(path)
        assert isinstance(signature, TargetSignature)
        offered = {*at_end(server, folder, f"_target_: {path}\n")} - HYDRA
        if offered != {*signature.names}:
            wrong[path] = sorted(offered ^ {*signature.names})

    assert {} == wrong
    assert len(paths) > 500


def test_nested_target_offers_what_gives_the_parameter_s_class(
    server: YamlServer, edited: EditorProject
) -> None:
    """Below a parameter that takes a Module stand modules; below one that takes a logger, loggers."""
    network = "_target_: serotiny.models.BasicModel\nnetwork:\n  _target_: "

    modules = at_end(server, folder_of(edited, "model"), network)
    loggers = at_end(server, folder_of(edited, "trainer"), "logger:\n  _target_: ")
    optimizers = at_end(server, folder_of(edited, "model"), network.replace("network", "optimizer"))

    assert "torch.nn.Linear" in modules
    assert "torch.optim.Adam" not in modules
    assert "pytorch_lightning.loggers.CSVLogger" in loggers
    assert "pytorch_lightning.callbacks.EarlyStopping" not in loggers
    assert "torch.optim.AdamW" in optimizers
    assert "torch.nn.Linear" not in optimizers


def test_choices_options_and_root_keys_are_offered(server: YamlServer, edited: EditorProject) -> None:
    """Choices of a parameter, options of a group (built-in ones too) and keys of root and mlflow are completed."""
    config = folder_of(edited, "")
    model = folder_of(edited, "model")
    text = "_target_: serotiny.models.BasicModel\nlr_scheduler_interval: "
    train = "defaults:\n  - trainer: "

    choices = at_end(server, model, text)
    uri = server.open_as(f"{config}train.yaml", train)
    options = server.completions(uri, 2, len(train))
    root_keys = server.completions(server.open_as(f"{config}test.yaml", ""), 1, 1)
    mlflow_keys = at_end(server, folder_of(edited, "mlflow"), "")

    assert {"epoch", "step"} <= {*choices}
    assert {"default", "schema"} <= {*options}
    assert {"defaults", "data", "model", "trainer", "mlflow", "seed", "ckpt_path"} <= {*root_keys}
    assert {"tracking_uri", "experiment_name", "run_name", "on_existing"} <= {*mlflow_keys}


def test_hover_shows_what_the_docstring_says(server: YamlServer, edited: EditorProject) -> None:
    """On a target stands its docstring's first paragraph, on a parameter its description."""
    text = "_target_: serotiny.models.TabularVAE\nx_dim: 4\noptimizer:\n  _target_: torch.optim.Adam\n  lr: 0.1\n"
    uri = server.open(folder_of(edited, "model"), text)

    assert "two multilayer perceptrons" in server.hover(uri, 1, 20)
    assert "Required. The length of an input vector." in server.hover(uri, 2, 2)
    assert "Implements Adam algorithm." in server.hover(uri, 4, 5)
    assert "learning rate" in server.hover(uri, 5, 3)
    assert len(server.hover(uri, 4, 5)) < 1000


def test_faults_are_marked_at_their_place(server: YamlServer, edited: EditorProject) -> None:
    """A misspelt key, a wrong type and a wrong choice are marked where they stand, nested ones too."""
    text = """\
_target_: serotiny.models.BasicModel
x_labell: a
y_label: 3
lr_scheduler_interval: epochs
network:
  _target_: torch.nn.Linear
  in_feature: 3
  out_features: three
loss:
  _target_: torch.nn.MSELos
"""
    marks = server.marks(server.open(folder_of(edited, "model"), text))

    assert [(2, 1), (3, 10), (4, 24), (7, 3), (8, 17), (10, 13)] == [
        (mark.line, mark.column) for mark in marks
    ]
    assert "x_labell" in marks[0].message
    assert "Expected str, or ${key}." == marks[1].message
    assert 'Expected one of "epoch", "step", or ${key}.' == marks[2].message
    assert "Expected int, or ${key}." == marks[4].message
    assert "Linear" in marks[4].source


def test_interpolations_and_missing_marks_are_accepted_everywhere(
    server: YamlServer, edited: EditorProject
) -> None:
    """`${…}` and `???` stand for every parameter of every model, trainer, datamodule and callback."""
    reader = SignatureReader(edited.project.import_paths, SignatureCache())
    wrong: dict[str, list[Mark]] = {}
    for schema in ("data", "model", "trainer", "trainer.callbacks"):
        name = "callback" if schema == "trainer.callbacks" else schema
        choices = edited.documents[schema]["definitions"][name]["properties"]["_target_"]["anyOf"][0]["enum"]
        for path in choices:
            signature = reader.read(path)
            assert isinstance(signature, TargetSignature)
            for value in ("${some.key}", "???", "${oc.env:X,1}/tail"):
                keys = ["_partial_", "_convert_", "_recursive_", "_args_", *signature.names]
                lines = [f"_target_: {path}", *(f"{key}: {value}" for key in keys)]
                text = "\n".join(lines)
                if name == "callback":
                    text = "one:\n" + "\n".join(f"  {line}" for line in lines)
                faults = edited.editor_faults(schema, text)
                if faults:
                    wrong[path] = [Mark(0, 0, fault, "") for fault in faults]
    assert {} == wrong
    text = "_target_: ${target}\nx: 1\n"
    assert [] == server.marks(server.open(folder_of(edited, "model"), text))


def test_own_configs_are_unmarked(server: YamlServer, edited: EditorProject) -> None:
    """Nothing is marked in the configs that the projects ship, found by the settings' patterns alone."""
    marked = {}
    for path in sorted(edited.project.config_folders[0].rglob("*.yaml")):
        shown = path.relative_to(edited.project.root).as_posix()
        if shown.endswith(("train.yaml", "test.yaml")):
            continue  # shown above with another text, which the server would remember
        marks = server.marks(server.open_as(shown, path.read_text("utf-8")))
        if marks:
            marked[shown] = marks
    assert {} == marked


def test_modelines_alone_are_enough(template: EditorProject, node_modules: Path) -> None:
    """With modelines and no settings at all the server marks a fault, also behind a `# @package` line."""
    config = template.project.config_folders[0]
    (config / "model" / "case.yaml").write_text(
        "# @package _group_\n_target_: serotiny.models.TabularVAE\nx: 1\n"
    )
    try:
        wire("modeline", template.project, template.schemas)
        text = (config / "model" / "case.yaml").read_text("utf-8")
    finally:
        (config / "model" / "case.yaml").unlink()
    folder = config.relative_to(template.project.root).as_posix()
    with YamlServer(node_modules, template.project.root, {"yamlVersion": "1.1"}) as server:
        marks = server.marks(server.open_as(f"{folder}/model/case.yaml", text))

    assert "# @package _group_" == text.splitlines()[0]
    assert [(4, 1)] == [(mark.line, mark.column) for mark in marks]


def test_settings_are_plain_json_for_a_new_project(template: EditorProject) -> None:
    """The settings that are written where none were can be read by anything that reads JSON."""
    wire("vscode", template.project, template.schemas)

    settings = json.loads((template.project.root / ".vscode" / "settings.json").read_text("utf-8"))

    assert "1.1" == settings["yaml.yamlVersion"]
    for schema in settings["yaml.schemas"]:
        assert (template.project.root / schema).is_file()
