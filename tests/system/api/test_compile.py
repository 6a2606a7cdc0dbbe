"""Compiling from Python gives what the command line gives, as values and exceptions."""

from __future__ import annotations

import pickle
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import serotiny

LIGHT = """
import sys, serotiny
compilation = serotiny.compile("train", ["model.latent_dims=3"])
compilation._repr_html_(), str(compilation), serotiny.check().diagnostics
print(sorted({"torch", "lightning", "pytorch_lightning", "mlflow", "pandas", "numpy"} & {*sys.modules}))
"""


class Text(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_compiling_imports_nothing_heavy(digits: Path) -> None:
    """Compiling, showing and checking from Python leave torch and the like alone."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=digits, capture_output=True, text=True, check=True
    )

    assert "[]" == done.stdout.strip()


def test_faults_are_values_until_they_are_raised(digits: Path) -> None:
    """A compilation with errors is returned; raised, it shows the diagnostics and carries them."""
    compilation = serotiny.compile("train", ["model.latent_dims=3"])

    with pytest.raises(serotiny.ConfigError) as raised:
        compilation.raise_for_errors()

    assert ["SER107"] == [found.code for found in compilation.diagnostics]
    assert compilation.diagnostics == raised.value.diagnostics
    assert str(compilation) in str(raised.value)
    assert "did you mean `latent_dim`?" in str(raised.value)
    assert str(raised.value) == str(pickle.loads(pickle.dumps(raised.value)))
    with pytest.raises(serotiny.ConfigError):
        _ = compilation.plan


def test_sound_call_has_a_plan_and_shows_where_values_come_from(digits: Path) -> None:
    """The plan of a sound call is plain data; as HTML it is the config with the origin of each value."""
    plan = serotiny.compile("train", ["model=classifier", "++trainer.max_epochs=2"]).plan

    shown = Text(plan._repr_html_())

    assert ("train", 2, "classifier") == (
        plan.operation,
        plan.config["trainer"]["max_epochs"],
        plan.choices["model"],
    )
    assert "max_epochs: 2 override `++trainer.max_epochs=2`" in shown.text
    assert "batch_size: 64 digits/config/data/digits.yaml:4" in shown.text


def test_sweep_has_a_plan_for_each_job(digits: Path) -> None:
    """With `multirun` each value with commas is a job; asking for the only plan says where they are."""
    compilation = serotiny.compile(
        "train", ["model.beta=1,2", "mlflow.run_name=b${model.beta}"], multirun=True
    )

    assert [1, 2] == [plan.config["model"]["beta"] for plan in compilation.plans]
    with pytest.raises(serotiny.SerotinyError, match="2 jobs"):
        _ = compilation.plan


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: serotiny.compile("trian"), r"`trian` is no operation; did you mean `train`\?"),
        (
            lambda: serotiny.compile("train", "model=vae"),
            r"overrides are a list, one text each: `\['model=vae'\]`",
        ),
        (
            lambda: serotiny.compile("train", {"model": "vae"}),  # type: ignore[arg-type]
            r"overrides are a list, one text each: `\['model=NAME', ",
        ),
        (
            lambda: serotiny.run(serotiny.compile("train")),  # type: ignore[arg-type]
            r"a plan is run, not a `Compilation`: `serotiny\.run\(serotiny\.compile\('train'\)\.plan\)`",
        ),
        (lambda: serotiny.check(overrides=["model=vae"]), "overrides belong to an operation"),
        (lambda: serotiny.compile("train", config_dir="missing"), "does not exist"),
        (
            lambda: serotiny.compile("train").plan.instantiate("modle"),  # type: ignore[arg-type]
            "a plan has no part `modle`",
        ),
    ],
    ids=["operation", "text", "mapping", "no-plan", "no-operation", "no-folder", "no-part"],
)
def test_wrong_call_says_what_can_be_meant(digits: Path, call: object, message: str) -> None:
    """A call that makes no sense is an exception with an instruction."""
    assert callable(call)
    with pytest.raises(serotiny.SerotinyError, match=message):
        call()


def test_nothing_of_a_config_is_markup(digits: Path) -> None:
    """Keys, values, overrides and source lines are text in a notebook, whatever they hold."""
    bad = "<script>alert(1)</script>"
    option = digits / "digits" / "config" / "model" / "bad.yaml"
    option.write_text(f"_target_: serotiny.models.TabularVAE\n'<b>{bad}': \"<i>{bad}\"\nx_dim: '{bad}'\n")

    page = serotiny.compile("train", ["model=bad", f"+note='<u>{bad}'"])._repr_html_()

    assert {
        "div",
        "span",
        "b",
        "pre",
        "mark",
        "br",
        "p",
        "details",
        "summary",
        "ul",
        "li",
        "code",
        "small",
    } >= {*Text(page).tags}
    assert f"x_dim: '{bad}'" in Text(page).text
    assert "<script" not in page
    assert "<u>" not in page


def test_credentials_are_not_shown(digits: Path) -> None:
    """What is secret is `***` in a notebook as it is on a terminal."""
    compilation = serotiny.compile("train", ["mlflow.tracking_uri=http://me:hunter2@localhost:1"])

    assert "hunter2" not in compilation._repr_html_() + str(
        compilation
    ) + compilation.plan._repr_html_() + repr(compilation.plan)
