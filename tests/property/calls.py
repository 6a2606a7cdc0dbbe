"""Random calls of a small project, with all kinds of overrides."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SECRET_NAME, SECRET = "SEROTINY_TEST_SECRET", "sesame-open-7f3a"

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
_anything = st.one_of(
    _values,
    _values,
    st.sampled_from(_CHOICES),
    st.sampled_from(_CHOICES),
    st.sampled_from(_HYDRA),
    _sweeps,
    _deletions,
    _slips,
)

# most of what is drawn from here on fits, alone: of calls that are refused, no job can be compared
_BASES = (
    *(("++model.part=null",), ("++model.part=null",), ("model=typed",), ("model=typed",), ("model=big",)),
    *(
        (f"+experiment={name}",)
        for name in ("values", "dated", "folder", "asks", "elements", "types", "places")
    ),
    *(("+experiment=options",), ("+experiment=[values,types]",), ("model=typed", "+model/part=two")),
)
_SWEPT = (
    *((f"+experiment={name}",) for name in ("sweep", "typed_sweep", "choice_sweep")),
    *(("+experiment=types,values",), ("+experiment=glob(t*)",), ("model=typed,big",)),
)
_THERE = ("model.width", "model.name", "model.layers", "model.part", "data.rows", "seed", "mlflow.run_name")
_NEW = (
    "model.depth",
    "model.new",
    "model.new.deep",
    "model.nouveau",
    "data.new",
    "data._new",
    "mlflow.tags.t",
)
_FITTING = (
    *("1", "7", "-3", "0.5", "1e-3", "1_0", "word", "null", "true", "''", "'a b'", '"x,y"', "a\\,b", "a\\ b"),
    *(
        "'q\\'q'",
        "'1'",
        "'null'",
        "'[1,2]'",
        "\\{a\\}",
        "a:b",
        "/x/y.z",
        "größe",
        "'日本 語'",
        "a-b%c+d",
        "$x",
    ),
    *("'\\${seed}'", "'\\\\${seed}'", "${seed}", "'x_${seed}'", "${data.rows}", "'${oc.decode:\\'3\\'}'"),
    *("${oc.env:" + SECRET_NAME + "}", "${oc.env:SEROTINY_TEST_UNSET,4}", "${oc.select:missing.key,5}"),
    *("${hydra:job.name}", "'${hydra:runtime.choices.model}'", "${hydra:runtime.output_dir}", "${now:%Y}"),
)
_CONTAINERS = (
    *("[]", "{}", "[1,'${seed}',[a]]", "{a: {b: '${seed}'}}", "[{a: 1}]", "{a: [1, null, '${data.rows}']}"),
    *(
        "[{x: '${..0}'},2]",
        "['a b',\"c,d\",e\\ f]",
        "{'a b': 1}",
        "{1: a, true: b}",
        "{green: {x: []}}",
        "[null]",
    ),
    *(
        "${data}",
        "${model.layers}",
        "${oc.dict.keys:data}",
        "${oc.dict.values:data}",
        "'${oc.create:{x: 1}}'",
    ),
    *("'${data[rows]}'", "'${model.layers[0]}'", "${model.layers.0}", "${oc.create:[1,2]}", "[${seed}]"),
)
_UNTYPED = ("model.name", "model.layers", "model.new", "model.part", "data.new")
_TYPED = (
    *(
        "++model.mode=exact",
        "++model.mode=EXACT",
        "++model.mode=fast",
        "++model.mode=slow",
        "++model.mode=null",
    ),
    *("++model.path=a/b", "++model.path='a b'", "++model.path='${seed}/x'", "++model.path=null"),
    *("++model.path=${hydra:runtime.output_dir}", "++model.shape=[3,4]", "++model.shape=[3]"),
    *(
        "++model.shape=[1,'${seed}']",
        "++model.shape=${model.layers}",
        "++model.tags=[a,b]",
        "++model.tags=[]",
    ),
    *("++model.tags=[a,'${data.rows}']", "++model.tags=[1]", "++model.options={depth: 3}", "~model.options"),
    *("++model.options.depth=4", "++model.options={names: [p,q], depth: '${seed}'}", "++model.options=null"),
    *("++model.options.names=[p,q]", "++model.options.depht=1", "++model.options={}", "~model.tags"),
    *(
        "++model.wide.größe=2",
        "++model.wide.007=c",
        "++model.wide.one=1",
        "++model.wide={'a key': '${seed}'}",
        "++model.shape.0=9",
    ),
    *("++model.options.names.0=z", "model.layers.0=5", "model.layers.1=${seed}", "++model.layers.0={x: 1}"),
)
_CALLBACKS = (
    *(
        "trainer.callbacks.0.monitor=val_loss",
        "++trainer.callbacks.0.mode=max",
        "~trainer.callbacks.0.monitor",
    ),
    "++trainer.callbacks.1={_target_: pytorch_lightning.callbacks.RichProgressBar}",
    "trainer.callbacks.1={_target_: pytorch_lightning.callbacks.ModelSummary, max_depth: '${seed}'}",
    *("trainer.callbacks=[]", "trainer.callbacks=null", "~trainer.callbacks", "trainer.callbacks.1=null"),
    "trainer.callbacks=[{_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val_loss}]",
    "++trainer.callbacks=[{_target_: pytorch_lightning.callbacks.ModelSummary},'${trainer.callbacks.0}']",
    *("+trainer.callbacks=[{_target_: pytorch_lightning.callbacks.ModelSummary}]", "trainer/callbacks=null"),
    *(
        "~trainer.callbacks.0",
        "++trainer.callbacks.2={a: 1}",
        "trainer.callbacks.0.monitor=val_loss,train_loss",
    ),
    *("++trainer.callbacks.0.every_n_epochs=${seed}", "~trainer/callbacks", "trainer.callbacks.0=${seed}"),
)
_PACKAGES = (
    *(
        "+model/part@model.new=one",
        "+model/part@model.new=two",
        "+model/part@model=one",
        "+data@data.spare=default",
    ),
    *("+model/part@data.a.b=one", "+model/part@model.new=one,two", "+model/part@data=two", "model/part=two"),
    *("+model/part@_global_=one", "+model@model.inner=typed", "+data@_global_=default", "data@spare=default"),
    *(
        "+model/part@model.new=[one,two]",
        "model/part=[two,one]",
        "+model/part@model.part=two",
        "data=default",
    ),
    *(
        "model/part@model.part=one",
        "~model/part",
        "~data@data",
        "model@model=typed",
        "+model/part@model.née=one",
    ),
)
_APT_HYDRA = (
    *(
        "hydra.run.dir=${hydra.job.num}",
        "hydra.run.dir=${hydra:runtime.output_dir}",
        "hydra.sweep.dir=${hydra.job.id}",
    ),
    *("hydra.sweep.dir=${hydra.sweep.subdir}", "hydra.sweep.subdir=${hydra.job.num}/${hydra.sweep.dir}"),
    *(
        "hydra.run.dir=${hydra.sweep.dir}",
        "hydra.sweep.dir=${hydra.run.dir}",
        "hydra.sweep.subdir=${model.name}",
    ),
    *("hydra.run.dir=out/${model.width}", "hydra.run.dir='x/${now:%H}'", "hydra.run.dir='a b/${seed}'"),
    *(
        "hydra.sweep.dir=multi",
        "hydra.sweep.dir='m/${mlflow.run_name}'",
        "hydra.sweep.subdir=${hydra.job.num}",
    ),
    *("hydra.sweep.subdir='${hydra.job.num}_${model.width}'", "hydra.sweep.subdir='${model.nam}'"),
    *("hydra.sweep.subdir='${hydra.job.override_dirname}'", "hydra.job.name=other", "hydra.job.chdir=true"),
    *("hydra.sweep={dir: multi, subdir: '${seed}'}", "hydra.run={dir: 'out/${hydra.job.name}'}"),
    *("hydra.job.config.override_dirname.exclude_keys=[seed]", "hydra.job.config.override_dirname.kv_sep=-"),
    *("+hydra.job.env_set.A=b", "hydra.verbose=true", "hydra.verbose=[a.b]", "hydra.output_subdir=null"),
    *("hydra.output_subdir=.notes", "hydra.mode=MULTIRUN", "hydra.mode=RUN", "hydra.mode=multirun"),
    *("hydra/launcher=joblib", "hydra/launcher=basic", "hydra/job_logging=quiet", "hydra/job_logging=none"),
    *(
        "hydra/hydra_logging=none",
        "hydra/hydra_logging=disabled",
        "hydra/job_logging=stdout",
        "hydra/help=default",
    ),
    *(
        "hydra.job_logging.root.level=DEBUG",
        "++hydra.job_logging.loggers.a={level: INFO}",
        "hydra/env=default",
    ),
    *("hydra.job_logging={version: 1}", "hydra.job_logging.formatters.simple.format='%(message)s'"),
    *("+hydra.job_logging.handlers.x={class: logging.NullHandler}", "hydra/output=default"),
    *("++hydra.sweeper.params.seed='1,2'", "+hydra.sweeper.params={model.width: 'range(1,3)'}"),
    *(
        "hydra.sweeper.params={++model.new: '[1],{a: 2}', seed: 'choice(1)'}",
        "hydra.sweeper.max_batch_size=1",
    ),
    *("hydra.sweeper.params={model: 'typed,big'}", "hydra.callbacks={}", "hydra.job.env_copy=[HOME]"),
    *("hydra.run.dir=${model.name}", "hydra.output_subdir=${model.name}", "hydra.job.name=${model.width}"),
    *("hydra.job.chdir=${seed}", "hydra.job.env_set=${model.part}", "hydra.run=${model.part}"),
    *("hydra.callbacks=${model.part}", "hydra.sweeper.max_batch_size=${model.width}"),
    *("hydra.job.config.override_dirname.kv_sep=${model.name}", "hydra.job_logging.root.level=${model.name}"),
    *("++hydra.job_logging.root.handlers=console", "++hydra.job_logging.handlers.file.fielname=x"),
)
_APT_CHOICES = (
    *("model=typed", "model=big", "model=typed,big", "+trainer/callbacks=two"),
    "model=glob(*,exclude=small)",
)
_apt = st.one_of(
    st.builds(
        "{}{}={}".format, st.sampled_from(["", "++"]), st.sampled_from(_THERE), st.sampled_from(_FITTING)
    ),
    st.builds(
        "{}{}={}".format, st.sampled_from(["+", "++"]), st.sampled_from(_NEW), st.sampled_from(_FITTING)
    ),
    st.builds("++{}={}".format, st.sampled_from(_UNTYPED), st.sampled_from(_CONTAINERS)),
    st.sampled_from(_TYPED),
    st.sampled_from(_PACKAGES),
    st.sampled_from(_APT_HYDRA),
    st.sampled_from(_APT_HYDRA),
    st.sampled_from(_APT_CHOICES),
)
_apt_sweeps = st.builds(
    "++{}={}".format,
    st.sampled_from(["model.width", "seed", "model.new", "model.layers", "data.rows", "model.deep.er"]),
    st.one_of(
        st.lists(st.sampled_from((*_FITTING, *_CONTAINERS)), min_size=2, max_size=2, unique=True).map(
            ",".join
        ),
        st.sampled_from(["range(1,3)", "choice(a,'b c')", "sort(2,1)", "shuffle(1)", "range(0.5,1.6,0.5)"]),
    ),
)


@dataclass(frozen=True)
class Call:
    """The arguments of one call."""

    overrides: tuple[str, ...]
    multirun: bool


def _joined(*parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for part in parts for item in part)


def _some(strategy: st.SearchStrategy[str], count: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(strategy, max_size=count).map(tuple)


_singles = st.builds(_joined, st.sampled_from(_BASES), _some(_apt, 3))
_elements = st.builds(
    _joined,
    st.just(("++model.part=null", "+trainer/callbacks=two")),
    _some(st.sampled_from(_CALLBACKS), 2),
    _some(_apt, 1),
)
_several = st.builds(
    _joined, st.sampled_from((*_BASES, *_SWEPT)), _some(_apt, 1), _some(_apt_sweeps, 2), _some(_apt, 1)
)
_loose = st.builds(_joined, st.sampled_from((*_BASES, *_SWEPT, ())), _some(_anything, 2), _some(_apt, 1))
calls = st.one_of(
    st.builds(Call, _singles, st.booleans()),
    st.builds(Call, _singles, st.booleans()),
    st.builds(Call, _elements, st.booleans()),
    st.builds(Call, _several, st.just(value=True)),
    st.builds(Call, _loose, st.booleans()),
)
