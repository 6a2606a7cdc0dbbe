"""Modules beside a script are found after all others."""

from __future__ import annotations

from pathlib import Path

from serotiny.targets import SignatureReader, TargetNotFound, TargetSignature


def test_module_beside_a_script_is_found(tmp_path: Path) -> None:
    """What a script would import by its bare name has a signature."""
    (tmp_path / "shapes.py").write_text("class Square: ...\n")

    found = SignatureReader(script_folders=lambda: (tmp_path,)).read("shapes.Square")

    assert isinstance(found, TargetSignature)
    assert str(tmp_path / "shapes.py") == found.file


def test_installed_module_comes_before_the_one_beside_a_script(tmp_path: Path) -> None:
    """A module of the package around a script may have the name of an installed one, which others import."""
    (tmp_path / "textwrap.py").write_text("class Square: ...\n")

    found = SignatureReader(script_folders=lambda: (tmp_path,)).read("textwrap.Square")

    assert isinstance(found, TargetNotFound)


def test_folder_beside_a_script_joins_one_without_modules(tmp_path: Path) -> None:
    """A folder of files in the repository does not conceal the package of its name beside a script."""
    (tmp_path / "rows" / "pictures").mkdir(parents=True)
    (tmp_path / "study" / "rows").mkdir(parents=True)
    (tmp_path / "study" / "rows" / "module.py").write_text("class Rows: ...\n")

    found = SignatureReader((tmp_path,), script_folders=lambda: (tmp_path / "study",)).read(
        "rows.module.Rows"
    )

    assert isinstance(found, TargetSignature)


def test_pythons_own_module_comes_before_one_of_a_source_folder(tmp_path: Path) -> None:
    """A package may have a module like one that Python has imported before the package is."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/logging.py").write_text("import logging\nclass Slow(logging.Handler): ...\n")

    found = [SignatureReader((tmp_path,)).read(path) for path in ("src.logging.Slow", "logging.Slow")]

    assert [TargetSignature, TargetNotFound] == [*map(type, found)]
