"""Random calls of a project in the shape of lightning-hydra-template."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import strategies as st

from tests.case_projects import CASES
from tests.property.calls import Call

ROOT_NAME = "PROJECT_ROOT"
"""The variable that the project's paths begin with."""

_CHOICES = (
    *(
        "experiment=example",
        "logger=csv",
        "logger=wandb",
        "logger=many_loggers",
        "logger=[csv,wandb]",
        "logger=null",
    ),
    *(
        "callbacks=none",
        "callbacks=default",
        "callbacks=early_stopping",
        "callbacks=[model_summary,model_checkpoint]",
    ),
    *("+callbacks=none", "callbacks=null", "trainer=gpu", "trainer=ddp", "trainer=default", "debug=default"),
    *(
        "debug=fdr",
        "debug=limit",
        "debug=[fdr,limit]",
        "hparams_search=optuna",
        "paths=default",
        "extras=default",
    ),
    *("+logger@logger.second=csv", "logger@log=csv", "+callbacks@callbacks.more=model_summary", "~logger"),
    *(
        "~callbacks",
        "~debug",
        "+local=default",
        "data@data=points",
        "+data@data.spare=points",
        "hydra=default",
    ),
    *("model=nett", "experiment=exampel", "callbacks=early_stoping", "override=1"),
)
_VALUES = (
    *(
        "seed=${oc.decode:'3'}",
        "seed=7",
        "tags=[a,b]",
        "tags=['${task_name}',b]",
        "tags=null",
        "+tags=[more]",
    ),
    *("task_name='x ${seed}'", "task_name=größe", "task_name='größe'", "task_name=${hydra:job.name}"),
    *("model.optimizer.lr=0.1", "model.optimizer.lr=1e-3", "model.optimizer.lr=fast", "~model.scheduler"),
    *(
        "model.scheduler=null",
        "model.optimizer={lr: 0.5}",
        "+model.optimizer.betas=[0.8,0.9]",
        "model.net.hiden_size=1",
    ),
    *(
        "++model.optimizer.betas=[0.8,'${.lr}']",
        "model.net.hidden_size=${data.batch_size}",
        "model.compile=true",
    ),
    *(
        "+model.optimizer.amsgrad=${model.compile}",
        "model.net=${model.net}",
        "~model.compile",
        "+model.extra=1",
    ),
    *("data.batch_size=32", "data.batch_size=${oc.env:SEROTINY_TEST_UNSET,8}", "data.split=[90,30,40]"),
    *("data.split.0=90", "data.split=${data.split}", "data.split='${oc.create:[90,30,40]}'", "~data.split.0"),
    *("data.data_dir=${paths.root_dir}/x", "data.data_dir='${hydra:runtime.cwd}/a b'", "paths.log_dir=logs"),
    *(
        "paths.output_dir=${paths.log_dir}",
        "paths.data_dir=null",
        "+paths.new=${paths.root_dir}",
        "~paths.work_dir",
    ),
    *("trainer.max_epochs=2", "trainer.max_epochs=${trainer.min_epochs}", "+trainer.limit_val_batches=0.5"),
    *(
        "+trainer.plugins=[]",
        "++trainer.callbacks=[]",
        "trainer.devices=[0]",
        "trainer.devices='1'",
        "trainer=null",
    ),
    *(
        "callbacks.early_stopping.patience=3",
        "callbacks.model_checkpoint.monitor=${callbacks.early_stopping.monitor}",
    ),
    *(
        "~callbacks.early_stopping",
        "callbacks.early_stopping=null",
        "++callbacks.early_stopping=${callbacks.model_summary}",
    ),
    *(
        "+callbacks.bar={_target_: lightning.pytorch.callbacks.RichProgressBar}",
        "callbacks.model_checkpoint.mode=maxx",
    ),
    *("+callbacks.early_stopping.strict=false", "callbacks.model_summary.max_depth='2'", "callbacks={}"),
    *("++logger.csv.name='${task_name}'", "++logger.wandb.tags=${tags}", "~logger.wandb", "+logger={}"),
    *(
        "extras.print_config=false",
        "++extras={new: 1}",
        "extras=null",
        "ckpt_path=null",
        "train=false",
        "test=maybe",
    ),
    *("hydra.run.dir=out", "hydra.sweep.subdir='${task_name}_${hydra.job.num}'", "hydra.mode=MULTIRUN"),
    *(
        "hydra.job_logging.handlers.file.filename=x.log",
        "hydra/job_logging=none",
        "++hydra.sweeper.params.seed='1,2'",
    ),
    *("hydra.run.dir=${paths.log_dir}/${tags}", "hydra/launcher=joblib", "hydra.job.chdir=true"),
)
_SWEEPS = (
    *("model.optimizer.lr=0.1,0.2", "data.batch_size=8,16", "seed=range(1,3)", "tags=[a],[b,'${seed}']"),
    *(
        "callbacks=none,default",
        "logger=csv,[csv,wandb]",
        "callbacks=glob(*)",
        "model.optimizer={lr: 0.5},{lr: 1.0}",
    ),
    *(
        "debug=default,fdr",
        "experiment=example,null",
        "+trainer.limit_val_batches=0.5,2",
        "task_name='a b','${seed}'",
    ),
    *(
        "callbacks.early_stopping.patience=choice(1,2)",
        "data.split.0=90,95",
        "++model.optimizer.lr=interval(0,1)",
    ),
)
_EXPERIMENTS = (
    (),
    (),
    ("experiment=example",),
    ("experiment=example", "logger=csv"),
    ("logger=many_loggers",),
)

_overrides = st.one_of(st.sampled_from(_CHOICES), st.sampled_from(_VALUES), st.sampled_from(_VALUES))


def _call(experiment: tuple[str, ...], overrides: list[str], sweeps: list[str], multirun: bool) -> Call:
    return Call((*experiment, *overrides, *sweeps), multirun or bool(sweeps))


template_calls = st.builds(
    _call,
    st.sampled_from(_EXPERIMENTS),
    st.lists(_overrides, max_size=3, unique=True),
    st.one_of(st.just([]), st.lists(st.sampled_from(_SWEEPS), max_size=2, unique=True)),
    st.booleans(),
)


def write_template(root: Path) -> Path:
    """Copy the project there, and give its root."""
    return Path(shutil.copytree(CASES / "projects" / "template", root))
