"""Each editor's file is merged, and says where the schemas are."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serotiny.cli.commands.schema import config_options
from serotiny.cli.editor_wiring.config_files import config_files, schema_of
from serotiny.cli.editor_wiring.modeline import ModelineError, relative_schema, with_modeline
from serotiny.cli.editor_wiring.neovim import with_schemas
from serotiny.cli.editor_wiring.vscode import (
    EditorSettingsError,
    merged_settings,
    read_and_merge,
    schema_globs,
)
from serotiny.cli.editor_wiring.wire import wire
from serotiny.compiler.project import find_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import parse_document

GLOBS = {".serotiny/schemas/model.schema.json": ["p/config/model/*.yaml"]}


def make_project(root: Path, configs: dict[str, str]) -> Path:
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "p"\n')
    for name, text in configs.items():
        path = root / "p" / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_settings_keep_what_is_there() -> None:
    """Other settings, other schemas, the user's own patterns and comments survive the merge."""
    before = (
        '{\n  // mine\n  "editor.tabSize": 2,\n  "yaml.schemas": {\n    "other.json": "*.yml", // theirs\n'
        '    ".serotiny/schemas/model.schema.json": "extra.yaml"\n  },\n}\n'
    )

    after, notes = merged_settings(before, GLOBS)

    assert [] == notes
    assert '// mine\n  "editor.tabSize": 2,' in after
    assert '"other.json": "*.yml", // theirs' in after
    assert '"extra.yaml",' in after
    assert '"p/config/model/*.yaml"' in after
    assert '"yaml.yamlVersion": "1.1"' in after
    assert (after, []) == merged_settings(after, GLOBS)


def test_other_yaml_version_is_left_and_told() -> None:
    """A version that the user chose stays, and the call says that configs are read otherwise."""
    after, notes = merged_settings('{"yaml.yamlVersion": "1.2"}', GLOBS)

    assert '"yaml.yamlVersion": "1.2"' in after
    assert len(notes) == 1


def test_malformed_settings_are_left_alone(tmp_path: Path) -> None:
    """Settings that cannot be read are not touched, and the error names the file."""
    settings = tmp_path / "settings.json"
    settings.write_text("{ oops")

    with pytest.raises(EditorSettingsError, match=r"settings\.json"):
        read_and_merge(settings, GLOBS)

    assert "{ oops" == settings.read_text()


def test_globs_follow_package_lines(tmp_path: Path) -> None:
    """A file that `# @package` moves is taken out of its folder's pattern, and named where it belongs."""
    configs = {
        "train.yaml": "",
        "model/default.yaml": "",
        "model/global.yaml": "# @package _global_\n",
        "experiment/one.yaml": "# @package _global_\n",
    }
    project = find_project(make_project(tmp_path, configs))

    globs = schema_globs(project, config_files(project), tmp_path / "s")

    assert ["p/config/model/*.yaml", "!p/config/model/global.yaml"] == globs["s/model.schema.json"]
    train = ["p/config/train.yaml", "p/config/experiment/one.yaml", "p/config/model/global.yaml"]
    assert train == globs["s/train.schema.json"]


@pytest.mark.parametrize(
    ("group", "name", "package", "expected"),
    [
        ("", "train", None, "train"),
        ("", "common", None, None),
        ("trainer/callbacks", "x", None, "trainer/callbacks"),
        ("model/sub", "x", None, None),
        ("model", "x", "_group_", "model"),
        ("models", "x", "trainer.callbacks", "trainer/callbacks"),
        ("model", "x", "model.optimizer", None),
        ("experiment", "x", "_global_", "train"),
    ],
)
def test_schema_of_a_config(group: str, name: str, package: str | None, expected: str | None) -> None:
    """A config's place and its `# @package` line together say which schema it follows."""
    assert expected == schema_of(group, name, package)


def test_modeline_goes_behind_the_package_line() -> None:
    """Hydra reads `# @package` only before other lines, so a modeline never stands before it."""
    text = "\n# @package _global_\n# what it is for\nseed: 1\n"

    after = with_modeline(text, "../s.json")

    assert (
        "\n# @package _global_\n# yaml-language-server: $schema=../s.json\n# what it is for\nseed: 1\n"
        == after
    )
    assert "_global_" == parse_document("x.yaml", after).package


def test_a_modeline_is_written_into_what_is_text(tmp_path: Path) -> None:
    """A pipe is not waited for, and what is not UTF-8 is left as it is."""
    root = make_project(tmp_path, {"train.yaml": "seed: 1\n", "model/a.yaml": "x: 1\n"})
    odd = root / "p" / "config" / "model" / "b.yaml"
    odd.write_bytes(b"x: \xff\n")
    os.mkfifo(root / "p" / "config" / "model" / "c.yaml")

    told = wire("modeline", find_project(root), root / "schemas")

    assert ["wrote a modeline into 2 configs"] == told
    assert b"x: \xff\n" == odd.read_bytes()


def test_a_name_that_is_no_text_is_in_no_schema(tmp_path: Path) -> None:
    """The others are offered."""
    root = make_project(tmp_path, {"train.yaml": "seed: 1\n", "model/a.yaml": "x: 1\n"})
    folder = os.fsencode(root / "p" / "config" / "model")
    for name in (b"b\xff.yaml", b"c\xff/d.yaml"):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)  # noqa: PTH103, PTH118, PTH120  # bytes
        with open(os.path.join(folder, name), "w") as file:  # noqa: PTH118, PTH123  # bytes
            file.write("x: 1\n")

    options = config_options(Sources(find_project(root)))

    assert "a" in options["model"]
    json.dumps(options, ensure_ascii=False).encode()


def test_modeline_is_replaced() -> None:
    """An older modeline gives way where it stands; a comment that only mentions one does not."""
    text = "# note\n# yaml-language-server: $schema=old.json\nseed: 1\n"

    assert "# note\n# yaml-language-server: $schema=new.json\nseed: 1\n" == with_modeline(text, "new.json")


@given(
    st.lists(
        st.sampled_from(
            ["# @package _group_", "# a", "", "seed: 1", "model: {a: 1}", "  # b", "# @foo bar", "text: é"]
        ),
        max_size=6,
        unique=True,
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
)
def test_modeline_changes_no_meaning(lines: list[str], newline: str, mark: str) -> None:
    """Package, data and every other line of a config stay; a second time changes nothing."""
    text = mark + "".join(f"{line}{newline}" for line in lines) + "end: 1"

    after = with_modeline(text, "s.json")

    before, then = (parse_document("x.yaml", each.removeprefix("\ufeff")) for each in (text, after))
    assert (before.package, before.root.plain()) == (then.package, then.root.plain())
    left = [
        line for line in re.split(r"\r?\n", after.removeprefix(mark)) if "yaml-language-server" not in line
    ]
    assert [*lines, "end: 1"] == left
    assert after == with_modeline(after, "s.json")


def test_modeline_with_a_space_is_refused(tmp_path: Path) -> None:
    """A path with a space would be cut off by older servers."""
    with pytest.raises(ModelineError):
        relative_schema(tmp_path / "my schemas" / "s.json", tmp_path / "c.yaml")


def test_neovim_block_is_replaced_and_the_rest_kept() -> None:
    """The user's own lines stand; a second export puts its block in the place of the first."""
    once = with_schemas("vim.o.number = true\n", GLOBS)
    twice = with_schemas(once + "vim.o.wrap = false\n", {"s.json": ["a.yaml"]})

    assert once.startswith("vim.o.number = true\n\n-- serotiny schemas: begin")
    assert twice.endswith("-- serotiny schemas: end\nvim.o.wrap = false\n")
    assert 1 == twice.count("schemas: begin")
    assert "model.schema.json" not in twice
