"""What an editor is answered, through the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.fakes.editor import Editor, editor_of


def _run(project: Path, scenario: Callable[[Editor], Awaitable[None]]) -> None:
    async def run() -> None:
        async with editor_of(project) as editor:
            await scenario(editor)
            assert [] == editor.log

    asyncio.run(run())


def _labels(items: list[lsp.CompletionItem]) -> list[str]:
    return [item.label for item in items]


def _summary(diagnostics: list[lsp.Diagnostic]) -> list[tuple[str, int, int, int]]:
    """Code, line, first and last column, all from 0."""
    return [
        (str(item.code), item.range.start.line, item.range.start.character, item.range.end.character)
        for item in diagnostics
    ]


def test_sound_project_shows_nothing(project: Path, config: Path) -> None:
    """Opening a file of the template shows no diagnostic."""

    async def scenario(editor: Editor) -> None:
        editor.open(config / "model/default.yaml")
        assert [] == await editor.diagnostics(config / "model/default.yaml")

    _run(project, scenario)


def test_unsaved_text_is_checked_after_composition(project: Path, config: Path) -> None:
    """A key that only another file's unsaved text refers to is found and lost as that text changes."""
    model, train = config / "model/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(model)
        editor.open(train)
        editor.change(model, editor.texts[model].replace("latent_dim: 2", "latent_dim: ${sizes.late}"))
        assert [("SER201", 4, 12, 25)] == _summary(await editor.diagnostics(model))
        for name in ("train", "test", "predict"):
            path = config / f"{name}.yaml"
            if path not in editor.texts:
                editor.open(path)
            editor.change(path, editor.texts[path] + "sizes:\n  late: 2\n")
        assert await editor.until(lambda: [] == list(editor.shown[model.as_uri()].diagnostics))

    _run(project, scenario)


def test_option_that_nothing_chooses_is_checked(project: Path, config: Path) -> None:
    """A file that is no default is checked where something chooses it."""
    path = config / "model/my_model.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(path, path.read_text("utf-8").replace("n_classes", "n_clases"))
        found = await editor.diagnostics(path)
        assert {"SER301"} == {str(item.code) for item in found}
        assert all("n_clases" in item.message for item in found), [item.message for item in found]

    _run(project, scenario)


def test_positions_count_utf16_units(project: Path, config: Path) -> None:
    """Behind a character outside the basic plane, columns count its two code units."""
    path = config / "model/default.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(path, path.read_text("utf-8").replace("x_dim: 4", 'x_dim: "\U0001f600${nothing}"'))
        assert [("SER201", 3, 7, 21)] == _summary(await editor.diagnostics(path))

    _run(project, scenario)


@pytest.mark.parametrize(
    ("file", "old", "new", "needle", "offered", "not_offered"),
    [
        ("model/default.yaml", "x_dim: 4", "x_dim: ${da", "${da|", ["data", "model", "seed"], ["x_dim"]),
        ("model/default.yaml", "x_dim: 4", "x_dim: ${data.", "${data.|", ["data.batch_size"], ["data"]),
        ("model/default.yaml", "x_dim: 4", "x_dim: ${.", "${.|", [".latent_dim"], [".x_dim", ".seed"]),
        ("train.yaml", "model: default", "model: ", "model: |", ["default", "my_model"], []),
        ("train.yaml", "- model: default", "- ", "- |\n", ["model", "trainer/callbacks", "_self_"], []),
        ("model/default.yaml", "_target_: serotiny.models.TabularVAE", "_target_: ", "_target_: |\nx",
         ["serotiny.models.TabularVAE", "a_tiny_project.models.MyCustomModel"], ["torch.optim.Adam"]),
        ("model/default.yaml", "_target_: torch.optim.Adam", "_target_: ", "_target_: |\n  _p",
         ["torch.optim.Adam", "torch.optim.SGD"], ["serotiny.models.TabularVAE"]),
        ("model/default.yaml", "x_dim: 4", "be", "\nbe|", ["beta", "x_dim"], ["latent_dim", "lr"]),
        ("model/default.yaml", "  lr: 0.005", "  ", "\n  |\n", ["lr", "weight_decay"], ["beta", "_target_"]),
        ("model/default.yaml", "_partial_: true", "_partial_: ", "_partial_: | #", ["true", "false"], []),
        ("trainer/default.yaml", "devices: 1", "precision: ", "precision: |", ["bf16-mixed", "null"], []),
        ("trainer/default.yaml", "devices: 1", "prec", "prec|", ["precision", "devices"], ["max_epochs"]),
        ("mlflow/default.yaml", "experiment_name:", "on_existing: \nexperiment_name:", "on_existing: |",
         ["resume", "skip", "error"], []),
        ("trainer/callbacks/default.yaml", "_target_: pytorch_lightning.callbacks.ModelCheckpoint", "_target_: ",
         "_target_: |", ["pytorch_lightning.callbacks.EarlyStopping"], ["torch.optim.Adam"]),
    ],
)  # fmt: skip
def test_completion_offers_what_fits(
    project: Path,
    config: Path,
    file: str,
    old: str,
    new: str,
    needle: str,
    offered: list[str],
    not_offered: list[str],
) -> None:
    """At each kind of place completion offers what may stand there, and nothing of another kind."""
    path = config / file

    async def scenario(editor: Editor) -> None:
        text = path.read_text("utf-8")
        assert old in text
        editor.open(path, text.replace(old, new, 1))
        labels = _labels(await editor.complete(path, needle))
        assert [] == [name for name in offered if name not in labels]
        assert [] == [name for name in not_offered if name in labels]

    _run(project, scenario)


def test_completed_key_leaves_a_sound_file(project: Path, config: Path) -> None:
    """Accepting a completion gives the text that was meant."""
    path = config / "model/default.yaml"
    text = path.read_text("utf-8")

    async def scenario(editor: Editor) -> None:
        editor.open(path, text + "bet\n")
        item = next(item for item in await editor.complete(path, "\nbet|") if item.label == "beta")
        assert isinstance(item.text_edit, lsp.TextEdit)
        changed = editor.applied(lsp.WorkspaceEdit({path.as_uri(): [item.text_edit]}))
        assert text + "beta: \n" == changed[path]
        editor.change(path, changed[path].replace("beta: ", "beta: 1.0"))
        assert [] == await editor.diagnostics(path)

    _run(project, scenario)


def test_hover_tells_type_doc_value_and_override(project: Path, config: Path) -> None:
    """Hovering a key gives its type, documentation and resolved value, and what overrides it."""
    trainer, train = config / "trainer/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(trainer)
        editor.open(train, train.read_text("utf-8") + "trainer:\n  max_epochs: 7\n")
        text = await editor.hover(trainer, "max_ep|ochs")
        assert "**`trainer.max_epochs`** = `7`" in text
        assert "`int or null`" in text
        assert "Stop training once this number of epochs is reached" in text
        assert "**overridden** at `a_tiny_project/config/train.yaml:14`" in text
        assert "Implements Adam algorithm" in await editor.hover(
            config / "model/default.yaml", "torch.op|tim.Adam"
        )
        assert "config group `model`" in await editor.hover(train, "model: de|fault")

    _run(project, scenario)


def test_hover_never_shows_the_environment(
    project: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `oc.env` reads is shown as it is written."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://user:hunter2@example.org")
    path = config / "mlflow/default.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(path)
        text = await editor.hover(path, "tracking|_uri")
        assert "${oc.env:MLFLOW_TRACKING_URI" in text
        assert "hunter2" not in text

    _run(project, scenario)


def test_definition_leads_to_key_source_and_file(project: Path, config: Path) -> None:
    """An interpolation leads to the key, a target to its class, a defaults entry to its file."""
    model, train = config / "model/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(model, model.read_text("utf-8").replace("x_dim: 4", "x_dim: ${data.batch_size}"))
        assert [("default.yaml", 12)] == await editor.definition(model, "data.batch|_size")
        assert [("adam.py", 1)] == [(name, 1) for name, _ in await editor.definition(model, "optim.Ad|am")]
        assert [("default.yaml", 1)] == await editor.definition(train, "model: de|fault")

    _run(project, scenario)


def test_references_are_found_in_all_files(project: Path, config: Path) -> None:
    """Every interpolation that names a key is found, in whichever file, and the key itself when asked."""
    model, train = config / "model/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(train, train.read_text("utf-8") + "sizes:\n  late: 2\n  twice: ${.late}\n")
        editor.open(model, model.read_text("utf-8").replace("latent_dim: 2", "latent_dim: ${sizes.late}"))
        found = [("default.yaml", 5), ("train.yaml", 15)]
        assert found == await editor.references(train, "la|te: 2", declaration=False)
        assert [found[0], ("train.yaml", 14), found[1]] == await editor.references(model, "sizes.la|te")

    _run(project, scenario)


def test_rename_changes_key_and_references_in_all_files(project: Path, config: Path) -> None:
    """Renaming a key changes it where it is written and in every interpolation, in one edit."""
    model, train = config / "model/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(train, train.read_text("utf-8") + "sizes:\n  late: 2\n  twice: ${.late}\n")
        editor.open(model, model.read_text("utf-8").replace("latent_dim: 2", "latent_dim: ${sizes.late}"))
        renamed = await editor.rename(train, "la|te: 2", "latent")
        assert {train, model} == set(renamed)
        assert renamed[train].endswith("sizes:\n  latent: 2\n  twice: ${.latent}\n")
        assert "latent_dim: ${sizes.latent}\n" in renamed[model]
        outer = await editor.rename(model, "${si|zes.late}", "widths")
        assert outer[train].endswith("widths:\n  late: 2\n  twice: ${.late}\n")
        assert "latent_dim: ${widths.late}\n" in outer[model]

    _run(project, scenario)


@pytest.mark.parametrize(
    ("needle", "name", "why"),
    [
        ("x_d|im", "dim", "parameter of serotiny.models.TabularVAE"),
        ("optimi|zer:", "optimiser", "parameter of serotiny.models.TabularVAE"),
    ],
)
def test_rename_of_declared_key_is_refused(
    project: Path, config: Path, needle: str, name: str, why: str
) -> None:
    """A key whose name code chooses is not renamed, and the answer says who chooses it."""
    path = config / "model/default.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(path)
        with pytest.raises(JsonRpcException, match=why):
            await editor.rename(path, needle, name)

    _run(project, scenario)


@pytest.mark.parametrize(
    ("file", "old", "new", "needle"),
    [
        ("model/default.yaml", "latent_dim", "latent_dims", "latent_d|ims"),
        ("model/default.yaml", "optim.Adam", "optim.Adamm", "optim.Ad|amm"),
        ("train.yaml", "model: default", "model: defualt", "model: de|fualt"),
        ("train.yaml", "- model: default", "- modle: default", "mod|le: default"),
        ("train.yaml", "seed: 1337", "sede: 1337", "se|de: 1337"),
        ("mlflow/default.yaml", "experiment_name", "experimnt_name", "expe|rimnt_name"),
    ],
)
def test_quick_fix_restores_the_misspelt_name(
    project: Path, config: Path, file: str, old: str, new: str, needle: str
) -> None:
    """The edit of a did-you-mean gives back the file as it was before the typo."""
    path = config / file
    text = path.read_text("utf-8")

    async def scenario(editor: Editor) -> None:
        editor.open(path, text.replace(old, new, 1))
        assert [] != await editor.diagnostics(path)
        actions = await editor.quick_fixes(path, needle)
        assert [text] == [editor.applied(item.edit)[path] for item in actions if item.edit is not None]

    _run(project, scenario)


def test_quick_fix_of_an_interpolation_changes_only_its_key(project: Path, config: Path) -> None:
    """In a longer text only the key that is not found is replaced."""
    path = config / "mlflow/default.yaml"
    text = path.read_text("utf-8")
    sound = text + "run_name: vae-${model.latent_dim}-${seed}\n"

    async def scenario(editor: Editor) -> None:
        editor.open(path, sound.replace("latent_dim", "latent_dmi"))
        actions = await editor.quick_fixes(path, "model.latent|_dmi")
        assert [sound] == [editor.applied(item.edit)[path] for item in actions if item.edit is not None]

    _run(project, scenario)


def test_file_outside_of_projects_is_left_alone(project: Path, tmp_path: Path) -> None:
    """A YAML file that belongs to no project gets no answers and does no harm."""
    path = tmp_path / "elsewhere.yaml"
    path.write_text("a: ${b}\n", "utf-8")

    async def scenario(editor: Editor) -> None:
        editor.open(path)
        assert [] == await editor.complete(path, "${b|")
        assert "" == await editor.hover(path, "a|:")

    _run(project, scenario)


def test_closed_file_counts_as_it_is_on_disk(project: Path, config: Path) -> None:
    """What was typed and not saved is forgotten when the file is closed."""
    model, train = config / "model/default.yaml", config / "train.yaml"

    async def scenario(editor: Editor) -> None:
        editor.open(train)
        editor.open(model, model.read_text("utf-8").replace("latent_dim", "latent_dims"))
        assert [] != await editor.diagnostics(model)
        editor.close(model)
        assert await editor.until(lambda: [] == list(editor.shown[model.as_uri()].diagnostics))

    _run(project, scenario)
