"""Whatever a setting of Hydra's refers to: a call that passes the check starts its jobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.core.plugins import Plugins
from hydra.core.utils import setup_globals

from serotiny.compiler.hydra.config_source import SerotinySource
from serotiny.schemas.hydra_store import register
from tests.property.call_agreement import Stage, agree
from tests.property.call_project import write_project
from tests.property.calls import Call

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Hydra's, of defaults lists without `_self_`

_VALUES = ("[]", "[1]", "{a: 1}", "null", "3", "true", "x")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A project, with Hydra as an operation sets it up."""
    before, root = Path.cwd(), tmp_path_factory.mktemp("settings") / "lab"
    register()
    setup_globals()
    Plugins.instance().register(SerotinySource)
    write_project(root)
    yield Stage(root)
    os.chdir(before)


@pytest.mark.parametrize("value", _VALUES)
@pytest.mark.parametrize(
    "setting",
    [
        *("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.output_subdir", "hydra.verbose"),
        *("hydra.job.name", "hydra.job.chdir", "hydra.job.env_set", "+hydra.job.env_set.A", "hydra.run"),
        *("hydra.sweep", "hydra.job", "hydra.job.config", "hydra.callbacks", "+hydra.callbacks.a"),
        *("hydra.sweeper.max_batch_size", "hydra.job_logging", "hydra.job_logging.root.level"),
        *("hydra.job_logging.root.handlers", "++hydra.job_logging.loggers", "hydra.runtime.choices"),
        *(f"hydra.job.config.override_dirname.{key}" for key in ("kv_sep", "item_sep", "exclude_keys")),
    ],
)
def test_what_a_setting_refers_to_is_taken_by_hydra_where_the_check_takes_it(
    stage: Stage, setting: str, value: str
) -> None:
    """In a single job and in a sweep, for values of each form."""
    for multirun in (False, True):
        agree(
            stage,
            Call(("++model.part=null", f"{setting}=${{model.name}}", f"++model.name={value}"), multirun),
        )


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("hydra.run.dir=${model.layers}",), "`hydra.run.dir` must be str, not a list of 2"),
        (("hydra.run=${model}",), "`hydra.run` must be mapping"),
        (("hydra.job.chdir=${model.name}",), "`hydra.job.chdir` cannot refer to the config"),
        (("+hydra.callbacks.a=${seed}",), "`hydra.callbacks.a` must be a mapping with `_target_`, not 1"),
        (("hydra.job_logging.root.handlers=console",), "is `console`, where a list of names is read"),
        (
            ("hydra.job.config.override_dirname.kv_sep=${model.layers}",),
            "`hydra.job.config.override_dirname` holds an interpolation",
        ),
    ],
)
def test_setting_that_hydra_cannot_take_is_told_by_its_key(
    stage: Stage, overrides: tuple[str, ...], expected: str
) -> None:
    """Before a job starts, and not in the words of OmegaConf or logging."""
    made = stage.check.compile_call("train", ("++model.part=null", *overrides))

    messages = [fault.message for fault in made.diagnostics if fault.is_error]
    assert [True] == [expected in message for message in messages], messages
