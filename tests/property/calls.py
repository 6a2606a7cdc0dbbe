"""A small project, and random calls of it with all kinds of overrides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

SECRET_NAME, SECRET = "SEROTINY_TEST_SECRET", "sesame-open-7f3a"

_FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
    "lab/__init__.py": "",
    "lab/parts.py": """
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, width=1, name=None, layers=None, part=None, **more):
        super().__init__()


class Rows(pl.LightningDataModule):
    def __init__(self, rows=8, **more):
        super().__init__()
""",
    "lab/config/train.yaml": """
defaults:
  - data: default
  - model: small
  - _self_
seed: 1
mlflow: {tracking_uri: null, run_name: "n-${seed}"}
""",
    "lab/config/data/default.yaml": "_target_: lab.parts.Rows\nrows: 8\n",
    "lab/config/trainer/callbacks/two.yaml": """
- {_target_: pytorch_lightning.callbacks.ModelCheckpoint, monitor: val_loss}
- {_target_: pytorch_lightning.callbacks.LearningRateMonitor}
""",
    "lab/config/model/small.yaml": "_target_: lab.parts.Net\nwidth: 1\nname: small\nlayers: [1, 2]\npart: ???\n",
    "lab/config/model/big.yaml": """
defaults: [part: one, _self_]
_target_: lab.parts.Net
width: 9
name: ${.width}-big
layers: [1, {units: 3}]
depth: 2
""",
    "lab/config/model/part/one.yaml": "x: 1\n",
    "lab/config/model/part/two.yaml": "x: ${seed}\ny: ${..width}\n",
    "lab/config/experiment/values.yaml": "# @package _global_\nseed: 7\nmodel: {width: 5, part: null}\n",
    "lab/config/experiment/dated.yaml": """
# @package _global_
model: {part: null, name: 2024-01-01, layers: [2024-01-01 10:00:00, 2024-01-01T10:00:00Z, "2024-01-01"]}
""",
    "lab/config/experiment/options.yaml": """
# @package _global_
defaults: [override /model: big, override /model/part: two]
data: {rows: "${model.width}"}
""",
    "lab/config/experiment/folder.yaml": """
# @package _global_
model: {part: null}
hydra:
  run: {dir: "out/${model.name}"}
  sweep: {dir: multi, subdir: "${hydra.job.num}-${model.width}"}
""",
    "lab/config/experiment/misspelt.yaml": """
# @package _global_
model: {part: null}
hydra:
  runn: {dir: out}
  job: {chdir: perhaps}
""",
    "lab/config/experiment/lost.yaml": "# @package _global_\nmodel: {part: null}\nhydra: {run: {dir: 'out/${modle.name}'}}\n",
    "lab/config/experiment/launcher.yaml": """
# @package _global_
defaults: [override /hydra/launcher: joblib]
model: {part: null}
""",
    "lab/config/experiment/nowhere.yaml": """
# @package _global_
defaults: [override /hydra/launchr: joblib]
model: {part: null}
""",
    "lab/config/experiment/again.yaml": """
# @package _global_
defaults: [/hydra/job_logging: none]
model: {part: null}
""",
    "lab/config/experiment/sweep.yaml": """
# @package _global_
model: {part: null}
hydra:
  mode: MULTIRUN
  sweeper: {params: {model.width: "1,2", seed: "range(3,5)"}}
""",
    "lab/config/experiment/asks.yaml": """
# @package _global_
model: {part: "${hydra:job.name}", name: "${hydra:runtime.choices.model}-${now:%Y}"}
data: {rows: "${hydra:runtime.output_dir}"}
""",
    "lab/config/hydra/job_logging/quiet.yaml": "version: 1\nroot: {handlers: []}\ndisable_existing_loggers: false\n",
    "shared/extra/wide.yaml": "# @package model\nwidth: 99\n",
}

_SCALARS = (
    *(
        "1",
        "0.5",
        "1e-3",
        "word",
        "null",
        "true",
        "nan",
        "''",
        "'a b'",
        '"x,y"',
        "a\\,b",
        "'q\\'q'",
        "1_0",
        "0x10",
    ),
    *(
        "${seed}",
        "'${model.width}_${seed}'",
        "${.name}",
        "${oc.decode:'3'}",
        "'${oc.decode:\\'3\\'}'",
        "${missing.key}",
        "'${'",
        "'\\${seed}'",
    ),
    *("${oc.env:" + SECRET_NAME + "}", "'x-${oc.env:" + SECRET_NAME + "}'", "${oc.env:SEROTINY_TEST_UNSET}"),
    *(
        "${hydra:job.name}",
        "'${hydra:runtime.choices.model}'",
        "${hydra:job.nam}",
        "${hydra:runtime.output_dir}",
    ),
    *(
        "${now:%Y}",
        "'${python_version:major}'",
        "???",
        "[]",
        "{}",
        "[1,'${seed}',[a]]",
        "{a: {b: '${seed}'}}",
        "{a:1}",
    ),
)
_KEYS = (
    *(
        "model.width",
        "model.name",
        "model.layers",
        "model.depth",
        "model.part",
        "model.part.x",
        "model.new.deep",
    ),
    *(
        "model.layers.0",
        "model.layers.1.units",
        "model.layers.2",
        "model.layers.x",
        "model.widht",
        "model.name.x",
    ),
    *(
        "trainer.callbacks.0",
        "trainer.callbacks.2",
        "trainer.callbacks.0.monitor",
        "trainer.callbacks",
        "sweep.metric",
    ),
    *("data.rows", "seed", "mlflow.run_name", "mlflow.tags.t", "mlflow.tags", "extra", "model", "model.part"),
)
_HYDRA = (
    *(
        "hydra.run.dir=out/${model.name}",
        "hydra.run.dir='x/${now:%H}'",
        "hydra.run.dri=x",
        "hydra.run.dir=${modle.x}",
    ),
    *(
        "hydra.sweep.dir=multi",
        "hydra.sweep.subdir=${hydra.job.num}",
        "hydra.sweep.subdir='${hydra.job.override_dirname}'",
    ),
    *(
        "hydra.job.name=other",
        "hydra.job.chdir=true",
        "hydra.job.chdir=perhaps",
        "+hydra.job.env_set.A=b",
        "hydra.verbose=true",
    ),
    *(
        "hydra.output_subdir=null",
        "hydra.output_subdir=.notes",
        "hydra.nothing=1",
        "+hydra.launcher.n_jobs=1",
    ),
    *(
        "hydra.launcher.n_jobs=many",
        "hydra.mode=MULTIRUN",
        "hydra.mode=RUN",
        "hydra.mode=BOTH",
        "~hydra.run.dir",
    ),
    *(
        "hydra/launcher=joblib",
        "hydra/launcher=basic",
        "hydra/launcher=nowhere",
        "hydra/job_logging=quiet",
        "hydra/job_logging=none",
    ),
    *(
        "hydra/sweeper=basic",
        "hydra/sweeper=optuna",
        "hydra.sweeper.n_trials=3",
        "hydra.job.env_copy=[HOME]",
        "hydra.job.env_copy=HOME",
        "hydra.job.env_set={A: '${seed}'}",
        "+hydra.job.env_set.A=${model.name}",
        "+hydra/launcher=basic",
        "~hydra/launcher",
        "hydra.sweeper.max_batch_size=1",
        "hydra.run.dir=a,b",
    ),
    *(
        "hydra.searchpath=[file://shared]",
        "+hydra.searchpath=[file://shared]",
        "hydra.searchpath=[pkg://os]",
        "hydra.searchpath=shared",
        "hydra.sweeper.params={seed: '1,2'}",
    ),
)
_CHOICES = (
    *(
        "model=small",
        "model=big",
        "model=small,big",
        "model=glob(*)",
        "model=nope",
        "model=glob(z*)",
        "model=null",
        "model={width: 2, name: {a: 1}}",
        "model={layers: {}}",
        "model={new: 1}",
        "~model",
        "+trainer/callbacks=two",
        "trainer/callbacks=two",
    ),
    *(
        "+model/part=two",
        "model/part=one",
        "model/part=one,two",
        "+extra=wide",
        "+model/part@data=one",
        "modle=big",
    ),
    *(
        f"+experiment={name}"
        for name in ("values", "options", "dated", "folder", "misspelt", "lost", "launcher", "nowhere")
    ),
    *(
        f"+experiment={name}"
        for name in ("again", "sweep", "asks", "values,options", "folder,launcher", "[values,folder]")
    ),
)

_values = st.builds(
    "{}{}={}".format, st.sampled_from(["", "", "+", "++"]), st.sampled_from(_KEYS), st.sampled_from(_SCALARS)
)
_deletions = st.builds(
    "~{}{}".format, st.sampled_from(_KEYS), st.sampled_from(["", "", "=1", "=null", "=word"])
)
_sweeps = st.builds(
    "{}{}={}".format,
    st.sampled_from(["", "+", "++"]),
    st.sampled_from(["model.width", "seed", "model.depth", "model.layers.0", "data.rows", "mlflow.run_name"]),
    st.one_of(
        st.lists(st.sampled_from(_SCALARS), min_size=2, max_size=3).map(",".join),
        st.sampled_from(
            [
                "range(1,4)",
                "range(3,1)",
                "choice(a,'b c')",
                "interval(0,1)",
                "int(interval(1,9))",
                "sort(2,1)",
                "tag(a,1,2)",
            ]
        ),
    ),
)
_slips = st.sampled_from(
    ["nothing", "=1", "a b=1", "model.=1", "+", "~", "model..x=1", "é=1", "x=(1", "x=[1"]
)
_override = st.one_of(
    _values,
    _values,
    st.sampled_from(_CHOICES),
    st.sampled_from(_CHOICES),
    st.sampled_from(_HYDRA),
    _sweeps,
    _deletions,
    _slips,
)


@dataclass(frozen=True)
class Call:
    """The arguments of one call."""

    overrides: tuple[str, ...]
    multirun: bool


calls = st.builds(
    Call,
    # most calls set the value that `model=small` leaves open, since calls without it stop early
    st.builds(
        lambda part, rest: (*part, *rest),
        st.sampled_from([("++model.part=null",), ("++model.part=null",), ()]),
        st.lists(_override, max_size=3).map(tuple),
    ),
    st.booleans(),
)


def write_project(root: Path) -> None:
    """Write the project of the calls."""
    for name, text in _FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"))
