"""Every config of a project is judged where it is used, with what that place completes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.job import Compilation
from serotiny.compiler.project import Layout, Project, find_project
from serotiny.compiler.project.layout import HYDRA, SEROTINY, TEMPLATE
from serotiny.compiler.project_check.check import check_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Keys
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Severity

LINE = "_target_: torch.nn.Linear\nin_features: {}\nout_features: 1\n"
OPTIMIZER = "_target_: torch.optim.SGD\n_partial_: true\nlr: 0.1\n"


def written(
    root: Path, configs: dict[str, str], layout: Layout = HYDRA, named: tuple[str, ...] = ()
) -> Project:
    for name, text in configs.items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    operations = {"train": "train"} if layout.is_template else {}
    return Project(
        root=root,
        package=None,
        config_folders=(root,),
        layout=layout,
        operations=operations,
        named_roots=named,
    )


def compiled(
    root: Path, configs: dict[str, str], layout: Layout = HYDRA, named: tuple[str, ...] = ()
) -> Compilation:
    project = written(root, configs, layout, named)
    return compile_project(Compiler(Sources(project), Validator.of_project(project)))


def told(made: Compilation) -> list[tuple[str, str]]:
    return [(found.code, str(found.place.file)) for found in made.diagnostics]


def calls(made: Compilation) -> list[str]:
    return [" ".join((job.composed.primary, *job.overrides)) for job in made.jobs]


def test_option_in_a_sub_folder_is_judged_by_the_experiment_that_takes_it(tmp_path: Path) -> None:
    """Its interpolations name what the experiment gives; as a group of its own the folder is used nowhere."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: null\n  - experiment: null\n  - _self_\n",
            "model/nets/line": LINE.format("${width}"),
            "model/nets/other": LINE.format("${widht}"),
            "experiment/sub/one": "# @package _global_\ndefaults:\n  - override /model: nets/line\nwidth: 4\n",
        },
    )

    assert ["train", "train experiment=sub/one", "train model=nets/other"] == calls(made)
    assert [("SER201", "model/nets/other.yaml")] == told(made)


def test_sub_folder_that_a_list_chooses_in_is_a_group(tmp_path: Path) -> None:
    """Options of a group that one option brings along are chosen on top of that one."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: small\n",
            "model/small": LINE.format(1),
            "model/big": "defaults:\n  - optimizer: sgd\n  - _self_\nmodule: 1\n",
            "model/optimizer/sgd": OPTIMIZER,
            "model/optimizer/worse": OPTIMIZER.replace("lr:", "lrr:"),
        },
    )

    assert ["train", "train model=big", "train model=big model/optimizer=worse"] == calls(made)
    assert [("SER301", "model/optimizer/worse.yaml")] == told(made)


def test_group_that_is_only_used_at_packages_is_judged_there(tmp_path: Path) -> None:
    """What the lists relocate is not put where nobody has it."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - net@one.encoder: line\n  - net@one.decoder: out\n",
            "net/line": LINE.format(4),
            "net/out": LINE.format("${one.encoder.out_features}"),
            "net/third": LINE.format("${one.decodr.out_features}"),
        },
    )

    assert ["train", "train net@one.decoder=third"] == calls(made)
    assert [("SER201", "net/third.yaml")] == told(made)


@pytest.mark.parametrize("unused", ["vit/small", "vit/large"])
def test_global_option_of_a_group_that_another_option_brings_along_is_judged_with_that_one(
    tmp_path: Path, unused: str
) -> None:
    """Also the default of that one, where every experiment takes another: with the root's own model it would not fit."""
    size = "# @package _global_\nmodel:\n  out_features: {}\n"
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: bag\n  - experiment: null\n",
            "model/bag": "_target_: torch.nn.EmbeddingBag\nnum_embeddings: 1\nembedding_dim: 1\n",
            "model/vit": "defaults:\n  - vit: small\n  - _self_\n_target_: torch.nn.Linear\nin_features: 1\n",
            "model/vit/small": size.format(1),
            "model/vit/middle": size.format(2),
            "model/vit/large": size.format(3),
            "experiment/one": "# @package _global_\n"
            "defaults:\n  - override /model: vit\n  - override /model/vit: middle\n",
        },
    )

    assert f"train experiment=one model/{unused.replace('/', '=')}" in calls(made)
    assert [] == told(made)


@pytest.mark.parametrize(("made_of", "is_read"), [("optimizer_cfg", True), ("other_cfg", False)])
def test_setting_that_the_code_reads_of_a_node_it_is_handed_is_no_unknown_parameter(
    tmp_path: Path, made_of: str, is_read: bool
) -> None:
    """With `_recursive_: false` around it a node reaches the code as it is written."""
    (tmp_path / "agent.py").write_text(
        "from hydra.utils import instantiate\n\n\nclass Agent:\n"
        "    def __init__(self, optimizer, other):\n"
        f"        self.{made_of} = optimizer\n\n"
        f"    def build(self, cfg):\n        return instantiate(cfg.model), self.{made_of}.decay\n"
    )
    optimizer = "_target_: torch.optim.SGD\n  lr: 0.1\n  decay: 0.2\n"
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: net\n",
            "model/net": f"_target_: agent.Agent\n_recursive_: false\nother: 1\noptimizer:\n  {optimizer}",
        },
    )

    assert is_read == (("SER301", "model/net.yaml") not in told(made))


@pytest.mark.parametrize(
    ("kind", "method", "is_told"),
    [
        ("@dataclass\nclass Net:\n    widths: list[int]\n", "split(',')", False),
        ("@dataclass\nclass Net:\n    widths: list[int]\n", "sort()", True),
        ("@dataclass\nclass Net:\n    widths: int\n", "split(',')", True),
        (
            "class Net:\n    def __init__(self, widths: list[int]):\n        self.n = sum(widths)\n",
            "split(',')",
            True,
        ),
    ],
)
def test_text_for_a_list_that_is_only_annotated_is_none_where_code_splits_it(
    tmp_path: Path, kind: str, method: str, is_told: bool
) -> None:
    """A dataclass only stores it; a number is no text, and a body may need the list."""
    (tmp_path / "net.py").write_text(
        f"from dataclasses import dataclass\n\n\n{kind}\n\ndef build(net):\n    return net.widths.{method}\n"
    )
    configs = {"train": "defaults:\n  - model: net\n", "model/net": "_target_: net.Net\nwidths: 8,16\n"}
    project = replace(written(tmp_path, configs), trusted=("net",))
    made = compile_project(Compiler(Sources(project), Validator.of_project(project)))

    assert is_told == (("SER303", "model/net.yaml") in told(made))


TRAINER = "pytorch_lightning.Trainer"

MAIN = """
import hydra
from hydra.utils import instantiate


@hydra.main(version_base=None, config_path=".", config_name="{}")
def main(cfg):
    {}
"""


@pytest.mark.parametrize(
    ("body", "other", "is_missing"),
    [
        ("instantiate(cfg.layer)", "", True),
        ("instantiate(cfg.layer, in_features=2)", "", True),
        ("instantiate(cfg.layer, 2, out_features=1)", "", False),
        ("cfg.layer.out_features = 3\n    instantiate(cfg.layer)", "", False),
        ("build(**cfg.layer)\n    instantiate(cfg.layer)", "", False),
        ("build(cfg.layer)", "", False),
        ("instantiate(cfg.layer)", MAIN.format("other", "build(cfg.layer)"), False),
    ],
)
def test_parameter_is_missing_in_a_node_that_the_only_script_makes_without_it(
    tmp_path: Path, body: str, other: str, is_missing: bool
) -> None:
    """At a key of the project's own, where other code could give it; a second script may be the one that does."""
    (tmp_path / "main.py").write_text(MAIN.format("train", body))
    (tmp_path / "other.py").write_text(other)

    made = compiled(tmp_path, {"train": "layer:\n  _target_: torch.nn.Linear\n  in_features: 2\n"})

    assert ([("SER302", "train.yaml")] if is_missing else []) == told(made)


@pytest.mark.parametrize("entry", ["part", "part.yaml", "/callbacks/part", "/callbacks/part.yaml@callbacks"])
def test_part_is_judged_in_the_option_that_includes_it(tmp_path: Path, entry: str) -> None:
    """What it leaves open is given there; with or without the file's suffix."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - callbacks: stop\n",
            "callbacks/stop": f"defaults:\n  - {entry}\n  - _self_\nstop:\n  in_features: 3\n",
            "callbacks/part": "stop:\n  _target_: torch.nn.Linear\n  in_features: ???\n  out_features: 1\n",
        },
    )

    assert (["train"], []) == (calls(made), told(made))


def test_choice_that_is_left_open_is_made(tmp_path: Path) -> None:
    """Of the bare config there is nothing to say; each option is judged."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - metric: ???\n  - _self_\nwidth: ${metric.in_features}\n",
            "metric/l1": LINE.format(1),
            "metric/l2": LINE.format("one"),
        },
    )

    assert ["train metric=l1", "train metric=l2"] == calls(made)
    assert [("SER303", "metric/l2.yaml")] == told(made)


def test_experiment_that_no_list_names_is_added(tmp_path: Path) -> None:
    """As `+experiment=one`, to the primary config with which it is sound; before options are judged alone."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: line\n",
            "eval": "defaults:\n  - _self_\na: 1\n",
            "model/line": LINE.format(1),
            "model/wide": LINE.format("${width}"),
            "experiment/one": "# @package _global_\ndefaults:\n  - override /model: wide\nwidth: 2\n",
        },
    )

    assert ["eval", "train", "train +experiment=one"] == calls(made)
    assert [] == told(made)


def test_file_that_is_no_config_is_not_reported(tmp_path: Path) -> None:
    """Below the folder may lie what belongs to other tools, broken or not; a target there or beside it makes it one."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - _self_\n",
            "sweeps/grid": "method: grid\nmetric: ${nothing}\n",
            "sweeps/broken": "a: [\n",
            "optimizer/broken": "a: [\n",
            "optimizer/sgd": OPTIMIZER.replace("lr:", "lrr:"),
        },
    )

    assert ["train", "train +optimizer=broken", "train +optimizer=sgd"] == calls(made)
    assert {("SER301", "optimizer/sgd.yaml"), ("SER101", "optimizer/broken.yaml")} == set(told(made))


def test_bare_config_is_completed_by_what_is_laid_over_it(tmp_path: Path) -> None:
    """Its parts come from experiments, `???` from the call; what nobody gives is told."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - data: null\n  - model: null\n  - trainer: cpu\n  - experiment: null\n  - _self_\n"
            "name: ${task}_${tsak}\nckpt_path: ???\nkey: ${oc.env:NO_SUCH_VARIABLE}\n",
            "trainer/cpu": "_target_: pytorch_lightning.Trainer\n",
            "data/a/rows": "_target_: pytorch_lightning.LightningDataModule\n",
            "model/a/net": "_target_: pytorch_lightning.LightningModule\n",
            "experiment/a/one": "# @package _global_\ndefaults:\n  - override /data: a/rows\n"
            "  - override /model: a/net\ntask: x\n",
        },
        TEMPLATE,
    )

    assert ["train", "train experiment=a/one"] == calls(made)
    assert [("SER201", "train.yaml"), ("SER204", "train.yaml")] == told(made)
    assert ["error", "warning"] == [str(found.severity) for found in made.diagnostics]


def test_sibling_gives_nothing(tmp_path: Path) -> None:
    """Of two options of one group, the second does not excuse what the first one lacks."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: full\n",
            "model/full": LINE.format(1),
            "model/half": "_target_: torch.nn.Linear\nin_features: ${model.width}\n",
            "model/wide": f"{LINE.format(1)}width: 3\n".replace("_target_: torch.nn.Linear\n", ""),
        },
    )

    assert [("SER201", "model/half.yaml")] == sorted(told(made))


def test_what_nobody_can_choose_so_is_not_told(tmp_path: Path) -> None:
    """An option whose list names a choice of other options, and that no config takes, cannot be tried by itself."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: small\n",
            "model/small": "defaults:\n  - optim: sgd\n  - optional tuned: ${model/optim}\nwidth: 1\n",
            "model/optim/sgd": OPTIMIZER,
            "model/optim/sam": OPTIMIZER,
            "model/tuned/sam": "# @package model\ndefaults:\n  - /model/optim@optim.base: ${model/optim@base}\n",
        },
    )

    assert [] == told(made)


def test_what_the_script_writes_over_is_no_fault(tmp_path: Path) -> None:
    """Null, and an interpolation that nothing gives, are placeholders of what a script assigns; their neighbours are not."""
    (tmp_path / "train.py").write_text(
        "from omegaconf import open_dict\n\n\ndef main(cfg, data):\n    with open_dict(cfg):\n"
        "        cfg.task.net['in_features'] = data.width\n        cfg.task.out = data.width\n"
    )
    made = compiled(
        tmp_path,
        {
            "config": "defaults:\n  - task: a\n",
            "task/a": f"net:\n  {LINE.format('null').strip().replace(chr(10), chr(10) + '  ')}\nout: ${{data.width}}\n"
            "other: ${data.width}\n",
        },
    )

    assert [("SER201", "task/a.yaml", "task.other")] == [
        (*pair, str(found.key)) for pair, found in zip(told(made), made.diagnostics, strict=True)
    ]


def test_resolver_in_the_folder_of_a_run_is_a_warning_where_a_script_may_have_registered_it(
    tmp_path: Path,
) -> None:
    """In lightning-hydra-template's layout, whose own scripts run the configs as well; one that is not there stays an error."""
    (tmp_path / "train.py").write_text(
        "from omegaconf import OmegaConf\n\nOmegaConf.register_new_resolver('slug', str)\n"
    )
    configs = {f"{group}/a": "" for group in ("data", "model", "trainer", "callbacks")}
    configs["train"] = (
        "name: a\nhydra: {run: {dir: 'out/${slug:${name}}'}, sweep: {dir: 'out/${slgu:${name}}'}}\n"
    )
    found = [fault for fault in compiled(tmp_path, configs, TEMPLATE).diagnostics if fault.code == "SER205"]

    assert [("hydra.run.dir", False), ("hydra.sweep.dir", True)] == [
        (fault.key, fault.is_error) for fault in found
    ]


def test_key_that_code_adds_by_force_is_there(tmp_path: Path) -> None:
    """`force_add` needs no `open_dict`; without it, nothing can be added."""
    source = "from omegaconf import OmegaConf\n\n\ndef main(cfg, data):\n    OmegaConf.update(cfg, 'width', data.width{})\n"
    (tmp_path / "train.py").write_text(source.format(", force_add=True"))
    configs = {"config": "size: ${width}\n"}
    assert [] == told(compiled(tmp_path, configs))

    (tmp_path / "train.py").write_text(source.format(""))
    assert [("SER201", "config.yaml")] == told(compiled(tmp_path, configs))


def test_choice_that_the_call_is_to_make_is_tried_once_for_each_option(tmp_path: Path) -> None:
    """`- metric: ???` is completed by `metric=l1`, not by an addition; no job is told of an option left out."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - metric: ???\n  - _self_\nloss: ${metric}\n",
            "metric/l1": "_target_: torch.nn.L1Loss\n",
            "metric/l2": "_target_: torch.nn.MSELoss\nreducton: sum\n",
        },
    )

    assert ["train metric=l1", "train metric=l2"] == calls(made)
    assert [("SER301", "metric/l2.yaml")] == sorted(set(told(made)))


def test_empty_package_and_a_part_with_its_suffix_lay_their_values_beside_the_rest(tmp_path: Path) -> None:
    """`common@: base` goes where the list itself goes, and `- shape.yaml` is the part `shape`."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: net\n",
            "model/net": "defaults:\n  - common@: base\n  - shape.yaml\n  - _self_\nout_features: 2\n",
            "model/common/base": "_target_: torch.nn.Linear\n",
            "model/shape": "in_features: 3\n",
        },
    )

    assert [] == told(made)
    assert {"_target_": "torch.nn.Linear", "in_features": 3, "out_features": 2} == made.jobs[
        0
    ].composed.root.plain()["model"]


def test_part_of_an_experiment_in_a_sub_folder_is_named_from_the_group(tmp_path: Path) -> None:
    """`experiment=small/one` includes `small/base`; the folder is no group of its own, in which that is not there."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - experiment: null\n  - _self_\n",
            "experiment/small/one": "# @package _global_\ndefaults:\n  - small/base\n  - _self_\nwidth: ${depth}\n",
            "experiment/small/base": "# @package _global_\ndepth: 1\n",
        },
    )

    assert [] == told(made)
    assert "train experiment=small/one" in calls(made)


def test_part_that_is_named_from_the_group_is_judged_only_with_what_includes_it(tmp_path: Path) -> None:
    """`experiment/base/line` is part of `experiment/own/one`, whose folder is another one, and is not chosen alone."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - experiment: null\n  - _self_\n",
            "experiment/own/one": "# @package _global_\ndefaults:\n  - base/line\n  - _self_\ndepth: 1\n",
            "experiment/base/line": "# @package _global_\nwidth: ${depth}\n",
        },
    )

    assert [] == told(made)
    assert ["train", "train experiment=own/one"] == calls(made)


def test_what_other_code_makes_of_a_key_of_its_own_is_not_held_against_the_trainer(tmp_path: Path) -> None:
    """It may be given more, and its loggers may be of either of Lightning's packages."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - data: rows\n  - model: net\n  - trainer: cpu\n",
            "trainer/cpu": "_target_: pytorch_lightning.Trainer\n",
            "data/rows": "_target_: pytorch_lightning.LightningDataModule\n",
            "model/net": "_target_: pytorch_lightning.LightningModule\n",
            "task/own": "# @package _global_\ntask:\n  _target_: torch.nn.Linear\n  in_features: 2\n"
            "fabric:\n  logger:\n    _target_: lightning.pytorch.loggers.CSVLogger\n    save_dir: x\n",
        },
        SEROTINY,
    )

    assert {"SER308"} >= {code for code, _ in told(made)}
    assert "train +task=own" in calls(made)


TWO_ROOTS = "defaults:\n  - model: null\n  - experiment: null\n  - _self_\n"
OVERRIDING = "# @package _global_\ndefaults:\n  - override /model: {}\n"


@pytest.mark.parametrize("experiment", ["nowhere", "wrong"])
def test_wrong_name_of_an_experiment_is_told_of_the_first_root_that_takes_it(
    tmp_path: Path, experiment: str
) -> None:
    """A missing option, or a missing class, is missing in every root, so one is enough."""
    made = compiled(
        tmp_path,
        {
            "eval": TWO_ROOTS,
            "train": TWO_ROOTS,
            "model/line": LINE.format(4),
            "model/wrong": LINE.format(4).replace("Linear", "Linera"),
            "experiment/one": OVERRIDING.format(experiment),
        },
    )

    assert ["eval", "train", "eval experiment=one"] == calls(made)[:3]
    assert ("SER104" if experiment == "nowhere" else "SER305") == told(made)[0][0]


def test_option_is_not_for_a_root_without_the_choice_that_it_overrides(tmp_path: Path) -> None:
    """What hides all other faults is no better than those: they are told of the root that makes the choice."""
    made = compiled(
        tmp_path,
        {
            "eval": "defaults:\n  - task: null\n  - _self_\n",
            "train": "defaults:\n  - model: null\n  - task: null\n  - _self_\n",
            "model/line": LINE.format(4),
            "task/fit": "# @package _global_\ndefaults:\n  - override /model: line\n"
            "model:\n  biass: true\n  in_feature: 3\n",
        },
    )

    assert {("SER301", "task/fit.yaml")} == set(told(made))


def test_fault_of_an_option_in_itself_is_looked_for_in_few_of_many_roots(tmp_path: Path) -> None:
    """What three roots find alike is so in all; a key that an option refers to is looked for in each root."""
    roots = dict.fromkeys("abcdef", TWO_ROOTS)
    project = written(
        tmp_path,
        {
            **roots,
            "f": f"{roots['f']}width: 4\n",
            "model/wrong": f"{LINE.format(4)}biass: true\n",
            "model/wide": LINE.format("${width}"),
        },
    )

    verdict = check_project(Compiler(Sources(project), Validator.of_project(project)), None)

    assert [("SER301", "model/wrong.yaml")] == [
        (found.code, str(found.place.file)) for found in verdict.diagnostics
    ]
    assert ["a", "b", "c"] == [root for root, overrides in verdict.compiled if overrides == ("model=wrong",)]
    assert [*"abcdef"] == [root for root, overrides in verdict.compiled if overrides == ("model=wide",)]


def test_option_with_a_wrong_target_and_no_other_fault_is_tried_in_few_experiments(tmp_path: Path) -> None:
    """No combination has less than the wrong target; an option with further faults is tried in each experiment."""
    experiments = [*"abcdef"]
    option = "_target_: torch.nn.{}\nin_features: ${{width.in}}\nout_features: {}\n"
    project = written(
        tmp_path,
        {
            "train": f"{TWO_ROOTS}width:\n  in: 4\n",
            "model/line": LINE.format(4),
            "model/wrong": option.format("Linaer", 1),
            "model/open": option.format("Linear", "${depth}"),
            **{f"experiment/{name}": f"{OVERRIDING.format('line')}width: 4\n" for name in experiments},
        },
    )

    verdict = check_project(Compiler(Sources(project), Validator.of_project(project)), None)

    assert {("SER305", "model/wrong.yaml"), ("SER201", "model/open.yaml")} == {
        (found.code, str(found.place.file)) for found in verdict.diagnostics
    }
    tried = [overrides[0] for _, overrides in verdict.compiled if overrides[1:] == ("model=wrong",)]
    assert ["experiment=a", "experiment=b"] == tried
    tried = [overrides[0] for _, overrides in verdict.compiled if overrides[1:] == ("model=open",)]
    assert [f"experiment={name}" for name in experiments] == tried


def test_option_is_tried_in_few_experiments_where_all_hide_as_much(tmp_path: Path) -> None:
    """What the primary config itself lacks, each job lacks."""
    experiments = {f"experiment/{name}": OVERRIDING.format("line") for name in "abcdefghijkl"}
    project = written(
        tmp_path,
        {
            "train": "defaults:\n  - model: line\n  - loop: gone\n  - optional experiment: null\n  - _self_\n",
            "loop/fast": "steps: 3\n",
            "model/line": LINE.format(4),
            "model/other": LINE.format(5),
            **experiments,
        },
    )

    verdict = check_project(Compiler(Sources(project), Validator.of_project(project)), None)

    assert [("SER104", "train.yaml")] == [
        (found.code, str(found.place.file)) for found in verdict.diagnostics
    ]
    assert 8 == sum(overrides[-1:] == ("model=other",) for _, overrides in verdict.compiled)


def test_option_in_a_folder_that_another_root_adds_is_found_there(tmp_path: Path) -> None:
    """An experiment is judged in the root whose search path has what it chooses."""
    made = compiled(
        tmp_path,
        {
            "eval": TWO_ROOTS,
            "train": f"{TWO_ROOTS}hydra:\n  searchpath:\n    - file://more\n",
            "model/line": LINE.format(4),
            "more/model/far": LINE.format(4),
            "experiment/one": OVERRIDING.format("far"),
        },
    )

    assert "train experiment=one" in calls(made)
    assert [] == told(made)


def severities(made: Compilation) -> list[tuple[str, str, bool]]:
    return [(found.code, str(found.place.file), found.is_error) for found in made.diagnostics]


ALGORITHMS = {
    "main": "defaults:\n  - algorithm: planning\n  - settings: planning_a\n",
    "algorithm/planning": "horizon: ${settings.horizon}\n",
    "algorithm/policy": "gamma: ${settings.gamma}\n",
    "settings/planning_a": "horizon: 4\n",
    "settings/planning_b": "horizon: 8\n",
}


@pytest.mark.parametrize(
    ("settings", "is_error"),
    [
        # what an option includes counts as its own
        (
            {
                "policy_a": "gamma: 0.9\n",
                "policy_b": "defaults:\n  - policy_a\n",
                "wide": "defaults:\n  - planning_b\n",
            },
            False,
        ),
        ({"policy_a": "gamma: 0.9\n"}, False),
        ({"policy_a": "gama: 0.9\n"}, True),
        ({"planning_c": "horizn: 16\n"}, True),
        ({"planning_c": "horizn: 16\ngamma: 0.9\n", "planning_d": "horizon: 32\ngamma: 0.9\n"}, True),
    ],
)
def test_key_that_several_options_leave_out_is_for_another_choice(
    tmp_path: Path, settings: dict[str, str], is_error: bool
) -> None:
    """Options of one group may be the settings of several algorithms, or of one that asks for what they alone have."""
    made = compiled(tmp_path, ALGORITHMS | {f"settings/{name}": text for name, text in settings.items()})

    of_planning = [
        is_fault
        for code, file, is_fault in severities(made)
        if (code, file) == ("SER201", "algorithm/planning.yaml")
    ]
    assert [is_error] == of_planning


def test_key_of_options_that_stand_elsewhere_is_left_out_where_they_stand(tmp_path: Path) -> None:
    """A package directive decides which keys the options of a group have."""
    lists = "defaults:\n  - data: rooms\n  - data/datasets: one\n  - data/collation: some\n"
    dataset = "# @package data\ntrain:\n  path: a\n"
    made = compiled(
        tmp_path,
        {
            "main": lists,
            "data/rooms": "width: 1\n",
            "data/datasets/one": dataset + "  offset: 0\n",
            "data/datasets/two": dataset,
            "data/datasets/three": dataset,
            "data/collation/some": "# @package data\ncollation: ${data.train.offset}\n",
            "data/collation/none": "# @package data\ncollation: null\n",
        },
    )

    assert [("SER201", "data/collation/some.yaml", False)] == severities(made)


def test_config_that_has_to_be_chosen_is_one_that_nothing_builds_on(tmp_path: Path) -> None:
    """What others complete is not taken for a job's model because its name comes first."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: ???\n",
            "model/base": "out_features: 1\n",
            "model/line": "defaults:\n  - base\n_target_: torch.nn.Linear\nin_features: 4\n",
        },
    )

    assert ["main model=line"] == calls(made)
    assert [] == told(made)


def test_choice_within_an_option_is_made_for_that_option(tmp_path: Path) -> None:
    """An experiment that must be chosen chooses a model, and a part in it that other models do not have."""
    experiment = "# @package _global_\ndefaults:\n  - override /model: net\n  - override /model/{}: wide\n"
    configs = {
        "main": "defaults:\n  - model: net\n  - experiment: ???\n",
        "model/net": "defaults:\n  - layer: narrow\n",
        "model/plain": "width: 1\n",
        "model/layer/narrow": "width: 1\n",
        "model/layer/wide": "width: 2\n",
    }
    made = compiled(tmp_path, configs | {"experiment/one": experiment.format("layer")})

    assert [("SER109", "experiment/one.yaml", False)] == severities(made)

    made = compiled(tmp_path, {"experiment/one": experiment.format("leyer")})

    assert [("SER109", "experiment/one.yaml", True)] == severities(made)[:1]


def test_experiment_that_must_be_chosen_chooses_before_the_check_does(tmp_path: Path) -> None:
    """A model that the check chose beside it would hide what the experiment says of models."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: ???\n  - experiment: ???\n",
            "model/net": "width: 1\n",
            "experiment/one": "# @package _global_\ndefaults:\n  - override /model: nett\n",
        },
    )

    assert [("SER104", "experiment/one.yaml", True)] == severities(made)


def test_folder_is_a_group_of_its_own_also_where_the_first_script_is_broken(tmp_path: Path) -> None:
    """An option in a sub-folder that is no model is tried as a part of one in every script."""
    made = compiled(
        tmp_path,
        {
            "fit": "defaults:\n  - model: net\n  - callbacks: gone\n",
            "train": "defaults:\n  - model: net\n",
            "model/net": "width: 4\n",
            "model/head/line": LINE.format("${model.width}"),
        },
    )

    assert ["fit", "train", "train +model/head=line"] == calls(made)
    assert [("SER103", "fit.yaml")] == told(made)


def test_key_that_is_asked_for_without_a_choice_is_missing_wherever_it_is_left_out(tmp_path: Path) -> None:
    """Where what refers to the key is in every job, an option without the key can be used in none."""
    settings = {name: text for name, text in ALGORITHMS.items() if name != "algorithm/policy"}
    made = compiled(
        tmp_path, settings | {"settings/policy_a": "gamma: 0.9\n", "settings/policy_b": "gamma: 0.8\n"}
    )

    assert [("SER201", "algorithm/planning.yaml", True)] == severities(made)


def test_null_in_a_part_that_nothing_chooses_is_left_open(tmp_path: Path) -> None:
    """Like `???`, it stands for what the config that takes the part will say; where it is chosen it is wrong."""
    part = LINE.replace("{}", "null")
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - model: line\n",
            "model/line": part,
            "parts/layer": part,
        },
    )

    assert [("SER303", "model/line.yaml")] == told(made)
    assert "train +parts=layer" in calls(made)


def test_primary_config_of_a_folder_of_its_own_is_no_option(tmp_path: Path) -> None:
    """Another script starts from it; what it says of Hydra would have no effect below a key."""
    other = "defaults:\n  - override hydra/launcher: basic\n  - _self_\nhydra:\n  run:\n    dir: out\n"
    made = compiled(
        tmp_path, {"train": "width: 3\n", "inference/start": other, "more/broken": "a: [\nhydra: {}\n"}
    )

    assert [] == told(made)
    assert not any("inference" in call for call in calls(made))


def test_experiment_of_a_primary_config_in_a_folder_is_judged_with_that(tmp_path: Path) -> None:
    """Where its list chooses from the top; also one in a folder that another experiment names as a group."""
    made = compiled(
        tmp_path,
        {
            "start/fit": "# @package _global_\ndefaults:\n  - /net@model: small\n  - /trial: null\n",
            "net/small": "width: 3\n",
            "net/large": "width: 9\n",
            "trial/wide/base": "# @package _global_\ndefaults:\n  - override /net@model: large\n",
            "trial/wide/more/deep": "# @package _global_\ndefaults:\n  - /trial/wide@_here_: base\n"
            "  - override /net@model: large\n",
        },
        named=("start/fit",),
    )

    assert [] == told(made)
    assert ["start/fit", "start/fit trial=wide/more/deep"] == calls(made)


def test_primary_config_beside_another_is_no_option_either(tmp_path: Path) -> None:
    """It need not speak of Hydra itself; in the folder of a group, or where none is primary, it is an option."""
    other = "defaults:\n  - base\n  - override hydra/launcher: basic\n  - _self_\n"
    alike = "defaults:\n  - base\n  - _self_\nrows: ${more}\n"
    base = {"config": "width: 3\n", "own/base": "more: 3\n", "own/quick": alike}

    assert [] == told(compiled(tmp_path / "a", base | {"own/start": other}))
    assert ["SER201"] == [code for code, _ in told(compiled(tmp_path / "b", base))]
    chosen = base | {"own/start": other, "config": "defaults:\n  - own: null\n"}
    assert ("SER201", "own/quick.yaml") in told(compiled(tmp_path / "c", chosen))


def test_part_of_a_config_that_nothing_uses_is_judged_with_that_one(tmp_path: Path) -> None:
    """What it includes is relative to its own folder, and not to the group in which it would be an option."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - data: all\n",
            "data/all": "defaults:\n  - rows:\n      - short\n",
            "data/base/least": "rate: 3\n",
            "data/base/wide": "defaults:\n  - least\nwidth: 3\n",
            "data/rows/long": "defaults:\n  - /data/base/wide@long\n",
            "data/rows/short": "width: 2\n",
        },
    )

    assert [] == told(made)
    assert ["train", "train +data/rows=long"] == calls(made)


@pytest.mark.parametrize(
    ("folder", "is_error"), [("../runs/${now:%S}", False), ("../runs/${gone}", False), ("/etc/runs", True)]
)
def test_relative_folder_of_hydra_depends_on_where_the_script_is_started(
    tmp_path: Path, folder: str, is_error: bool
) -> None:
    """A script of a stranger's is started in any folder; a folder of the system is wrong everywhere."""
    made = compiled(tmp_path, {"train": f"defaults:\n  - _self_\nhydra:\n  run:\n    dir: {folder}\n"})

    (found,) = (found for found in made.diagnostics if found.code == "SER506")
    assert is_error == found.is_error
    assert folder in found.message


@pytest.mark.parametrize(
    ("folder", "codes"),
    [
        ("${oc.env:NO_SUCH_VARIABLE}/${now:%S}", ["SER204"]),
        ("${oc.env:NO_SUCH_VARIABLE}/../../${now:%S}", ["SER204", "SER506"]),
    ],
)
def test_folder_in_a_variable_that_is_not_set_is_wrong_where_it_is_for_any_value(
    tmp_path: Path, folder: str, codes: list[str]
) -> None:
    """The variable is of the machine where the job runs."""
    made = compiled(tmp_path, {"train": f"defaults:\n  - _self_\nhydra:\n  run:\n    dir: {folder}\n"})

    assert codes == [found.code for found in made.diagnostics]


@pytest.mark.parametrize(
    ("code", "is_refused"),
    [
        ("instantiate(cfg.net)", True),
        ("cfg.net.file = find()\n    instantiate(cfg.net)", False),
        ("instantiate(cfg.net, file=find())", False),
        ("instantiate(cfg.net, name=find())", True),
    ],
)
def test_value_that_code_writes_over_is_not_what_a_call_refuses(
    tmp_path: Path, code: str, is_refused: bool
) -> None:
    """What it is then, the source does not say."""
    (tmp_path / "nets.py").write_text(
        "class Net:\n    def __init__(self, count: int, file=None, name=None):\n"
        "        if count > 1:\n            assert file is not None, 'many need a file'\n"
    )
    start = (
        "import hydra\nfrom hydra.utils import instantiate\n@hydra.main('conf', 'train')\ndef main(cfg):\n"
    )
    (tmp_path / "start.py").write_text(f"{start}    {code}\n")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/train.yaml").write_text("net: {_target_: nets.Net, count: 3, file: null}\n")

    made = compile_project(Compiler.of_project(find_project(tmp_path)))

    assert (["SER316"] if is_refused else []) == [found.code for found in made.diagnostics]


def test_option_that_open_choices_name_is_no_option_yet(tmp_path: Path) -> None:
    """Each call chooses both, and with that the third; a name that nothing decides is wrong."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - data: null\n  - model: null\n  - task: ${data}_${model}\n",
            "data/rows": "width: 3\n",
            "model/net": "depth: 3\n",
            "task/rows_net": "rate: 3\n",
        },
    )

    assert {("SER104", False)} == {(found.code, found.is_error) for found in made.diagnostics}


@pytest.mark.parametrize(
    ("script", "codes"), [("print(cfg.part)", []), ("instantiate(cfg.part)", ["SER303"])]
)
def test_place_that_is_left_free_for_a_target_is_wrong_where_it_is_made(
    tmp_path: Path, script: str, codes: list[str]
) -> None:
    """Nothing is made of a node that the code only reads."""
    start = (
        "import hydra\nfrom hydra.utils import instantiate\n@hydra.main('conf', 'train')\ndef main(cfg):\n"
    )
    (tmp_path / "start.py").write_text(f"{start}    {script}\n")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/train.yaml").write_text("part:\n  _target_: null\n")

    made = compile_project(Compiler.of_project(find_project(tmp_path)))

    assert codes == [found.code for found in made.diagnostics]


def test_option_is_judged_at_the_place_that_it_fits(tmp_path: Path) -> None:
    """Of a group that is chosen in twice, an option may be meant for the second place alone."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - size@first: one\n  - size@second: one\n  - _self_\nlow: ${first.low}\n",
            "size/one": "low: 1\n",
            "size/two": "high: 2\n",
        },
    )

    assert [] == told(made)
    assert ["train", "train size@second=two"] == calls(made)


def test_option_that_replaces_what_is_wrong_is_no_better_for_it(tmp_path: Path) -> None:
    """Options of a sub-folder are judged in its own group, even where the other way shows fewer errors."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - trainer: wrong\n",
            "trainer/wrong": "_target_: pytorch_lightning.Trainer\ngpus: 1\nnum_processes: 1\n",
            "trainer/strategy/ddp": "_target_: pytorch_lightning.strategies.DDPStrategy\n",
        },
        SEROTINY,
    )

    assert "train +trainer/strategy=ddp" in calls(made)


def test_choice_that_is_left_to_the_caller_is_made_of_an_added_folder(tmp_path: Path) -> None:
    """A primary config may take its common parts from a folder that `hydra.searchpath` adds."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - base\nhydra:\n  searchpath:\n    - file://more\n",
            "more/base": "defaults:\n  - split: ???\n",
            "more/split/quick": "rows: 3\n",
        },
    )

    assert [] == told(made)
    assert "train split=quick" == calls(made)[0]


@pytest.mark.parametrize(("name", "is_error"), [("games", False), ("others", True)])
def test_option_goes_with_the_one_of_its_name(tmp_path: Path, name: str, is_error: bool) -> None:
    """Where it gives all that this one asks for, as two of its siblings do."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - suite: boards\n  - loader: boards\n",
            "suite/boards": "scenes: 3\ntasks: 4\n",
            "suite/cards": "scenes: 1\ntasks: 2\n",
            "suite/games": "tasks: 2\n",
            "loader/boards": "scenes: ${suite.scenes}\ntasks: ${suite.tasks}\n",
            f"loader/{name}": "tasks: ${suite.tasks}\n",
        },
    )

    assert [("SER201", "loader/boards.yaml", is_error)] == severities(made)


def test_choice_of_an_added_folder_may_lie_in_a_folder_of_its_group(tmp_path: Path) -> None:
    """As `task=board/go` is written, where the group has nothing but folders."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - task: ???\nhydra:\n  searchpath:\n    - file://more\n",
            "more/other": "defaults:\n  - _self_\n",
            "more/task/board/go": "rows: 19\n",
        },
    )

    assert [] == told(made)
    assert "train task=board/go" == calls(made)[0]


def test_value_of_a_folder_that_roots_share_is_given(tmp_path: Path) -> None:
    """An experiment beside the configs may choose what gives it, though the folder has parts of other jobs too."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - base\n  - loss: l1\nhydra:\n  searchpath:\n    - file://more\n",
            "loss/l1": "rate: ${net.rate}\n",
            "more/base": "defaults:\n  - net: null\n",
            "more/net/small": "rate: 0.1\n",
        },
    )

    assert [] == told(made)


def test_root_of_which_a_part_is_missing_does_not_excuse_an_option(tmp_path: Path) -> None:
    """Less is found in such a config, so the option is judged in a whole one."""
    made = compiled(
        tmp_path,
        {
            "eval": "defaults:\n  - data: nowhere\n",
            "train": "defaults:\n  - data: rows\n",
            "data/rows": "rows: 3\n",
            "launcher/cluster": "# @package _global_\nworkers: ${data.workers}\n",
        },
    )

    assert ("SER201", "launcher/cluster.yaml") in told(made)


@pytest.mark.parametrize("broken", ["data/rows", "train"])
def test_config_that_cannot_be_read_is_all_that_is_told(tmp_path: Path, broken: str) -> None:
    """An experiment that replaces it, or another root, is no better for what it lacks itself."""
    configs = {
        "eval": "defaults:\n  - experiment: null\n",
        "train": "defaults:\n  - data: rows\n  - model: null\n  - experiment: null\n",
        "data/rows": "rows: 3\nworkers: 2\n",
        "data/few": "rows: 1\nworkers: 2\n",
        "model/line": LINE.format("${data.workers}"),
        "experiment/short": "# @package _global_\ndefaults:\n  - override /data: few\n  - override /model: line\n"
        "data:\n  workers: ${data.threads}\n  threads: 1\n",
    }
    made = compiled(tmp_path, {**configs, broken: f"{configs[broken]}name: [a\n"})

    assert [("SER101", f"{broken}.yaml")] == told(made)


def test_choice_that_another_decides_on_is_to_be_made_as_well(tmp_path: Path) -> None:
    """Who chooses a task that has no training of its own name chooses a training too; what a config chooses must be there."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - task: ant\n  - training: ${task}_ppo\n",
            "task/ant": "legs: 4\n",
            "task/crab": "legs: 8\n",
            "training/ant_ppo": "lr: 1\n",
            "training/ant_sac": "lr: 2\n",
            "experiment/deep": "# @package _global_\ndefaults:\n  - override /task: crab\n",
        },
    )

    assert [("SER104", "main.yaml", True)] == severities(made)

    (tmp_path / "experiment/deep.yaml").unlink()
    assert [("SER104", "main.yaml", False)] == severities(compiled(tmp_path, {}))


def test_values_for_the_default_option_are_not_held_against_another(tmp_path: Path) -> None:
    """A model that only this check has chosen, since one has to be, is written for its own layer."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: ???\n",
            "model/flat": "defaults:\n  - layer: linear\n_target_: torch.nn.Sequential\n"
            "layer:\n  in_features: 2\n  out_featurs: 3\n",
            "model/layer/linear": LINE.format(1),
            "model/layer/relu": "_target_: torch.nn.ReLU\n",
        },
    )

    of_layers = [
        (found.is_error, str(found.key).rpartition(".")[2], "torch.nn.Linear" in found.message)
        for found in made.diagnostics
        if found.code == "SER301" and str(found.key).startswith("model.layer.")
    ]
    assert {(True, "out_featurs", True), (False, "in_features", False), (False, "out_featurs", False)} == {
        *of_layers
    }


@pytest.mark.parametrize(("steps", "is_fault"), [("in_features: 3\n", False), ("in_featurs: 3\n", True)])
@pytest.mark.parametrize("head", ["# @package _global_\nmodel:\n  ", "# @package model\n"])
def test_option_that_others_choose_together_with_more_is_judged_beside_it(
    tmp_path: Path, head: str, steps: str, is_fault: bool
) -> None:
    """Nobody takes it with the default option of the other group, which is not made for it."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: flat\n  - speed: null\n  - trial: null\n",
            "model/flat": "_target_: torch.nn.Flatten\n",
            "model/line": LINE.format(1),
            "speed/fast": f"{head}in_features: 5\n",
            "speed/slow": f"{head}{steps}",
            "trial/one": "# @package _global_\ndefaults:\n  - override /model: line\n  - override /speed: fast\n",
        },
    )

    assert ([("SER301", "speed/slow.yaml")] if is_fault else []) == told(made)


def test_value_that_others_replace_is_judged_where_it_stands(tmp_path: Path) -> None:
    """An experiment that chooses in the group has a value of its own; the option is wrong without it."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: flat\n  - trial: null\n",
            "model/flat": "_target_: torch.nn.Flatten\n",
            "model/line": LINE.format("many"),
            "trial/one": "# @package _global_\ndefaults:\n  - override /model: flat\nmodel:\n  in_features: 3\n",
            "trial/two": "# @package _global_\ndefaults:\n  - override /model: flat\n",
        },
    )

    assert ("SER303", "model/line.yaml") in told(made)


OWN_PARTS = """import pytorch_lightning as pl
from hydra.utils import instantiate


class Trainer:
    def __init__(self, model, epochs: int): ...

    def fit(self, model): ...


class Recorder:
    def __init__(self, folder: str, tool: str): ...


def main(cfg):
    if cfg.recorder.folder is not None:
        print(cfg.profiler.steps)
    model = instantiate(cfg.model)
    trainer = instantiate(cfg.trainer, model=model)
    trainer.fit(model)
    return instantiate(cfg.recorder)
"""
OWN_CONFIGS = {
    "train": "defaults:\n  - data: rows\n  - model: net\n  - trainer: own\n  - callbacks: none\n  - _self_\n"
    "recorder:\n  _target_: parts.Recorder\n  folder: null\n  tool: x\n  extra: 1\n"
    "profiler:\n  _target_: parts.Recorder\n  steps: null\n  staps: null\n",
    "data/rows": "_target_: parts.Recorder\n",
    "model/net": "_target_: torch.nn.Flatten\n",
    "trainer/own": "_target_: parts.Trainer\nepochs: many\n",
    "callbacks/none": "",
}


@pytest.mark.parametrize("layout", [HYDRA, TEMPLATE])
def test_trainer_of_the_project_needs_no_part_of_lightning(tmp_path: Path, layout: Layout) -> None:
    """What it takes is checked; settings that the code itself reads of a node, or asks for, are no fault."""
    (tmp_path / "parts.py").write_text(OWN_PARTS)
    for name, text in OWN_CONFIGS.items():
        (tmp_path / "configs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "configs" / f"{name}.yaml").write_text(text)
    project = Project(
        root=tmp_path,
        package="parts",
        config_folders=(tmp_path / "configs",),
        layout=layout,
        operations={"train": "train"},
    )
    made = compile_project(Compiler(Sources(project), Validator.of_project(project)))

    assert [
        ("SER301", "profiler.staps"),
        ("SER301", "recorder.extra"),
        ("SER303", "trainer.epochs"),
    ] == sorted((found.code, found.key) for found in made.diagnostics if found.code in OF_VALUES)


OF_VALUES = ("SER301", "SER303", "SER306")


@pytest.mark.parametrize(("made", "is_error"), [("cfg.rollout.env", False), ("cfg.rollout", True)])
def test_value_that_the_script_does_not_read_may_refer_to_nothing(
    tmp_path: Path, made: str, is_error: bool
) -> None:
    """A script that takes one part of a callback does not resolve the others."""
    (tmp_path / "collect.py").write_text(
        "import hydra\nfrom hydra.utils import instantiate\n\n\n"
        '@hydra.main(config_path=".", config_name="main", version_base=None)\n'
        f"def main(cfg):\n    return instantiate({made})\n"
    )
    texts = {
        "main": "defaults: [_self_]\nrollout:\n  folder: ${data.folder}\n  env:\n    _target_: torch.nn.ReLU\n"
    }

    assert [("SER201", "main.yaml", is_error)] == severities(compiled(tmp_path, texts))


def test_option_is_judged_in_the_list_that_takes_several(tmp_path: Path) -> None:
    """It joins those that are listed there, where the other place of its group asks for something else."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - model: net\n  - _self_\nlow: ${model.first.low}\n",
            "model/net": "defaults:\n  - size@first: one\n  - size@all: [one, two]\n",
            "model/size/one": "low: 1\n",
            "model/size/two": "two: 2\n",
            "model/size/three": "three: ${model.all.two}\n",
        },
    )

    assert [] == told(made)
    assert ["main", "main model/size@model.all=[one,two,three]"] == calls(made)


def test_choice_that_only_code_has_options_for_is_left_to_what_chooses_the_others(tmp_path: Path) -> None:
    """The experiment that has to be chosen chooses it, so the others are made on top of that experiment."""
    (tmp_path / "nets.py").write_text(
        "from hydra.core.config_store import ConfigStore\n"
        "ConfigStore.instance().store(name='small', node=Net, group='model/nets')\n"
    )
    configs = {
        "train": "defaults:\n  - data: ???\n  - model: ???\n  - exp: ???\n",
        "data/near": "size: 1\n",
        "data/far": "size: 2\n",
        "exp/one": "# @package _global_\ndefaults:\n  - override /model: nets/small\n",
    }

    made = compiled(tmp_path, configs)

    assert [] == told(made)
    assert "train exp=one data=near" in {" ".join(sorted(call.split(), reverse=True)) for call in calls(made)}


STORED = """
from dataclasses import dataclass, field
from typing import Any, List

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

LISTED = ["_self_", {"model": "line"}, {"model/optimizer": "sgd"}, {"data": MISSING}]


@dataclass
class Root:
    defaults: List[Any] = field(default_factory=lambda: %s)


ConfigStore.instance().store(name="root", node=Root)
"""
IN_FULL = "[{'model': 'line'}, {'model/optimizer': 'sgd'}]"


@pytest.mark.parametrize(
    ("listed", "option", "expected"),
    [
        ("LISTED", "line", []),
        (IN_FULL, "line", []),
        ("LISTED", "lien", [("SER104", "study.yaml")]),
        (IN_FULL.replace("sgd", "sdg"), "line", [("SER104", "schemas.py")]),
        (IN_FULL.replace("{'model': 'line'}, ", ""), "line", [("SER109", "study.yaml")]),
        ("make()", "line", []),  # what it chooses is known only when the script runs
    ],
)
def test_defaults_list_of_a_dataclass_that_is_stored_is_read(
    tmp_path: Path, listed: str, option: str, expected: list[tuple[str, str]]
) -> None:
    """A config that includes it may override its choices, and its groups are groups."""
    (tmp_path / "schemas.py").write_text(STORED % listed)
    configs = {
        "study": f"defaults:\n  - root\n  - override model: {option}\n  - _self_\n",
        "data/rows": "size: 1\n",
        "model/line": "width: 1\n",
        "model/optimizer/sgd": "lr: 1\n",
    }

    made = compiled(tmp_path, configs)

    assert expected == told(made)


@pytest.mark.parametrize(("key", "expected"), [("++part", []), ("++prat", [("SER201", "exp/parts.yaml")])])
def test_key_that_the_sweep_of_an_experiment_gives_is_not_missing(
    tmp_path: Path, key: str, expected: list[tuple[str, str]]
) -> None:
    """Each job of the sweep that the experiment describes has a value for it."""
    sweep = f"hydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      {key}: range(0, ${{count}})\n"
    (tmp_path / "code.py").write_text('OmegaConf.register_new_resolver("count", len)\n')
    configs = {
        "train": "defaults:\n  - exp: null\n",
        "exp/parts": f"# @package _global_\ncount: ${{count:abc}}\nshown: ${{part}}\n{sweep}",
    }

    assert expected == told(compiled(tmp_path, configs))


def test_option_of_a_sub_folder_gives_what_it_has_as_a_group_of_its_own(tmp_path: Path) -> None:
    """Nothing chooses it, so it may be added at either place."""
    configs = {
        "config": "defaults:\n  - callbacks: default\n",
        "callbacks/default": "defaults:\n  - checkpoint: all\n",
        "callbacks/checkpoint/all": "every: 1\n",
        "callbacks/checkpoint/few": "every: ${callbacks.rollout.steps}\n",
        "callbacks/rollout/default": "_target_: torch.nn.ReLU\nsteps: 5\n",
    }

    assert "SER201" not in [code for code, _ in told(compiled(tmp_path, configs))]

    configs["callbacks/checkpoint/few"] = "every: ${callbacks.rolout.steps}\n"
    assert ("SER201", "callbacks/checkpoint/few.yaml") in told(compiled(tmp_path, configs))


@pytest.mark.parametrize(("content", "severity"), [("", Severity.WARNING), ("wdith: 3\n", Severity.ERROR)])
def test_empty_option_leaves_out_what_another_option_asks_for(
    tmp_path: Path, content: str, severity: Severity
) -> None:
    """Whoever chooses it chooses the other one, too; a misspelt key is an error."""
    configs = {
        "config": "defaults:\n  - goal: default\n  - head: default\n",
        "goal/default": "width: 3\n",
        "goal/none": content,
        "head/default": "size: ${goal.width}\n",
        "head/none": "",
    }
    made = compiled(tmp_path, configs)

    assert [("SER201", severity)] == [(found.code, found.severity) for found in made.diagnostics]


def test_folder_of_whole_configs_alone_has_each_for_a_primary_one(tmp_path: Path) -> None:
    """A script is told which by `--config-name`; the settings of another tool make nothing."""
    made = compiled(
        tmp_path,
        {
            "small": f"net:\n  {LINE.format('two').replace(chr(10), chr(10) + '  ')}",
            "sweep": "method: grid\n",
        },
    )

    assert ["small"] == calls(made)
    assert [("SER303", "small.yaml")] == told(made)


@pytest.mark.parametrize(("folder", "is_told"), [("tests", True), ("scripts", False)])
def test_what_tests_give_to_a_config_is_not_given_to_a_job(
    tmp_path: Path, folder: str, is_told: bool
) -> None:
    """A wrong value that only the project's tests write over is as wrong as any other."""
    script = (
        "import hydra\ndef make(cfg):\n    cfg.line.in_features = 3\n    hydra.utils.instantiate(cfg.line)\n"
    )
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "steps.py").write_text(script)
    made = compiled(tmp_path, {"train": "line:\n  " + LINE.format("three").replace("\n", "\n  ")})

    assert ([("SER303", "train.yaml")] if is_told else []) == told(made)


def test_options_that_give_nothing_to_each_other_are_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of hundreds of options only those that set the root key that is asked for are read for it."""
    looked: list[str] = []
    gives = Givers.gives

    def counting(self: Givers, config_path: str, target: Keys) -> bool:
        looked.append(config_path)
        return gives(self, config_path, target)

    monkeypatch.setattr(Givers, "gives", counting)
    few = {f"{group}/o{number}": f"a: ${{here.b{number}}}\n" for group in ("x", "y") for number in range(20)}
    giver = {"z/one": "# @package _global_\nhere: {b3: 1}\n"}

    made = compiled(tmp_path, {"train": "defaults: [x: o0, y: o0]\n", **few, **giver})

    assert {"z/one"} == set(looked)
    assert ("SER201", "x/o3.yaml") not in told(made)
    assert ("SER201", "x/o4.yaml") in told(made)


MODEL = "_target_: torch.nn.Linear\nin_features: ${data.width}\nout_features: ${width}\n"


@pytest.mark.parametrize("layout", [HYDRA, TEMPLATE])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("cfg.width = 3\n    instantiate(cfg.model, in_features=3)", []),
        ("cfg.width = 3\n    instantiate(cfg, model={'in_features': 3})", []),
        ("cfg.other = 3\n    instantiate(cfg.model, in_features=3)", ["model.out_features"]),
        ("cfg.width = 3\n    instantiate(cfg.model)", ["model.in_features"]),
    ],
)
def test_what_a_script_writes_over_or_adds_is_not_missing(
    tmp_path: Path, given: str, expected: list[str], layout: Layout
) -> None:
    """An interpolation is looked up only when the script has given what it names, or a value in its place."""
    (tmp_path / "train.py").write_text(
        f"import hydra\n\n@hydra.main(config_path='.', config_name='train')\ndef main(cfg):\n    open_dict(cfg)\n    {given}\n"
    )

    made = compiled(tmp_path, {"train": "defaults:\n  - model: line\n", "model/line": MODEL}, layout)

    assert expected == [found.key for found in made.diagnostics if found.code == "SER201"]


NESTED = "size: 3\nnet:\n  _target_: torch.nn.Linear\n  in_features: ${size}\n  out_features: ${siz}\n"


def test_primary_config_of_a_folder_of_its_own_finds_its_own_keys(tmp_path: Path) -> None:
    """Scripts that are given the folder on the command line see its configs at the top; a slip is told all the same."""
    made = compiled(
        tmp_path,
        {
            "small/train": f"defaults:\n  - data: digits\n{NESTED}",
            "small/data/digits": "width: ${size}\n",
            "small/data/other": "width: ${size}\n",
        },
    )

    assert ["small/train", "small/train small/data=other"] == calls(made)
    assert {("SER201", "small/train.yaml")} == {*told(made)}
    assert ["small.net.out_features"] == [found.key for found in made.diagnostics]


def test_primary_config_that_a_script_names_in_a_sub_folder_is_at_its_package(tmp_path: Path) -> None:
    """Hydra puts its values there, and nothing finds them at the root."""
    made = compiled(tmp_path, {"small/train": NESTED}, named=("small/train",))

    assert {"small.net.in_features", "small.net.out_features"} == {found.key for found in made.diagnostics}


def test_config_that_begins_with_a_primary_one_is_itself_what_a_job_starts_from(tmp_path: Path) -> None:
    """Laid over another job, the list that it begins with would choose everything twice."""
    made = compiled(
        tmp_path,
        {
            "base": "defaults:\n  - model: small\n",
            "train": "defaults:\n  - base\n",
            "model/small": LINE.format(1),
            "model/big": LINE.format(2),
            "debug/fast": "# @package _global_\ndefaults:\n  - /base\n  - override /model: big\nsteps: 1\n",
            "experiment/one": "# @package _global_\ndefaults:\n  - override /model: big\n",
        },
    )

    assert ["train", "debug/fast", "train +experiment=one"] == calls(made)
    assert [] == told(made)


def test_what_lies_beside_a_primary_config_in_a_sub_folder_is_none_of_its_options(tmp_path: Path) -> None:
    """Hydra looks for them below that folder, so each is started from by its own name."""
    configs = {
        "far/one": "# @package _global_\ndefaults:\n  - /net: line\n",
        "near/two": "# @package _global_\ndefaults:\n  - /net: line\n  - /net/gone: one\n",
        "net/line": LINE.format(1),
    }

    made = compiled(tmp_path, configs, named=("far/one",))

    assert ["far/one", "near/two"] == calls(made)
    assert [("SER103", "near/two.yaml")] == told(made)


def test_config_that_names_its_own_keys_from_the_root_is_no_option(tmp_path: Path) -> None:
    """A script is given its folder; added to another job it would find none of them. What names the job's stays an option."""
    configs = {
        "train": "defaults: []\nlr: 1\n",
        "speech/tts": "rate: 1\n_target_: builtins.dict\na: ${rate}\n",
        "net/line": "size: 1\n_target_: builtins.dict\na: ${lr}\nb: ${.size}\n",
    }

    made = compiled(tmp_path, configs, named=("train",))

    assert ["train", "train +net=line", "speech/tts"] == calls(made)
    assert [] == told(made)


def test_wrong_name_in_a_config_that_may_be_a_primary_one_is_told(tmp_path: Path) -> None:
    """It is not among the primary configs that are known when it is tried as one."""
    configs = {
        "base": "lr: 1\n",
        "train": "defaults:\n  - base\n",
        "speech/tts": "rate: 1\n_target_: builtins.dcit\na: ${rate}\n",
        "debug/fast": "# @package _global_\ndefaults:\n  - /base\nnet:\n  _target_: builtins.dcit\n",
    }

    made = compiled(tmp_path, configs, named=("train",))

    assert ["train", "train +debug=fast", "speech/tts"] == calls(made)
    assert [("SER502", "debug/fast.yaml"), ("SER502", "speech/tts.yaml")] == told(made)


def test_plug_in_of_the_project_may_add_the_folder_of_a_group(tmp_path: Path) -> None:
    """Which folder that is, only running it would tell. An option that is like one that is seen is misspelt."""
    configs = {
        "train": "defaults:\n  - far/away: one\n  - near: two\n  - nearer: firts\n  - base_config\n",
        "near/one": "a: 1\n",
        "nearer/first": "a: 1\n",
    }
    plugin = tmp_path / "plugin.py"
    found = []
    for base in ("SearchPathPlugin", "object"):
        plugin.write_text(
            f"from hydra.plugins.search_path_plugin import SearchPathPlugin\n\nclass More({base}): ...\n"
        )
        found.append([(item.code, item.is_error) for item in compiled(tmp_path, configs).diagnostics])

    codes = ("SER103", "SER104", "SER104", "SER105")
    assert [
        [*zip(codes, (False, False, True, False), strict=True)],
        [(code, True) for code in codes],
    ] == found


def test_variable_that_is_not_set_hides_nothing_of_the_rest_of_its_text(tmp_path: Path) -> None:
    """Where the job runs it may be set, and the key behind it is missing there as well."""
    made = compiled(tmp_path, {"train": "defaults: []\nfile: ${oc.env:NO_SUCH_VARIABLE}/${naem}\n"})

    assert [("SER201", "train.yaml"), ("SER204", "train.yaml")] == told(made)


def test_options_that_only_primary_configs_of_another_folder_choose_from_are_left_to_that_folder(
    tmp_path: Path,
) -> None:
    """What settings of Hydra say is started from its own folder; a group that this folder uses too is judged here."""
    old = "hydra:\n  run:\n    dir: outputs\nhorizon: 3\n"
    configs = {
        "train": "defaults:\n  - task: one\nsteps: 1\n",
        "task/one": "steps: ${steps}\n",
        "old/train": f"defaults:\n  - task: far\n  - /task: one\n{old}",
        "old/task/far": "_target_: builtins.dict\nsteps: ${horizon}\n",
        "task/two": "steps: ${horizon}\n",
    }

    made = compiled(tmp_path, configs)

    assert ["train", "train task=two"] == calls(made)
    assert [("SER201", "task/two.yaml")] == told(made)


def test_key_that_asks_for_the_same_missing_key_is_not_suggested(tmp_path: Path) -> None:
    """It has no value either; what the node does have is listed instead."""
    configs = {"train": "defaults: []\nnet: {dim: 1}\na:\n  width: ${net.width}\nb:\n  width: ${net.width}\n"}

    made = compiled(tmp_path, configs)

    assert ["`net` has `dim`"] * 2 == [found.help for found in made.diagnostics]


def test_fault_that_is_an_error_in_one_job_is_not_told_as_a_warning_of_others(tmp_path: Path) -> None:
    """The error names the job in which it is one."""
    configs = {
        "train": "defaults:\n  - rate: a\n  - net: big\n",
        "tune": "defaults:\n  - rate: a\nnet: {dim: 1}\n",
        "rate/a": "steps: ${net.steps}\n",
        "rate/b": "steps: 1\n",
        "net/big": "steps: 3\n",
        "net/small": "dim: 2\n",
        "net/tiny": "dim: 1\n",
    }

    made = compiled(tmp_path, configs)

    assert [("SER201", Severity.ERROR, (1,))] == [
        (found.code, found.severity, found.jobs) for found in made.diagnostics
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("DataLoader(data, **cfg.loader)", [("SER301", Severity.ERROR), ("SER303", Severity.ERROR)]),
        (
            "DataLoader(dataset=data, shuffle=False, **cfg.loader)",
            [("SER301", Severity.ERROR), ("SER303", Severity.ERROR), ("SER311", Severity.ERROR)],
        ),
        (
            "if cfg.fit:\n        DataLoader(dataset=data, **cfg.loader)",
            [("SER301", Severity.WARNING), ("SER303", Severity.WARNING)],
        ),
        (
            "DataLoader(dataset=data, batch_size=1, **cfg.loader)\n    dict2(**cfg.loader)",
            [("SER301", Severity.ERROR), ("SER311", Severity.ERROR)],
        ),
        (
            "cfg.loader.pop('wrkers')\n    DataLoader(dataset=data, **cfg.loader)",
            [("SER303", Severity.ERROR)],
        ),
        ("DataLoader(dataset=data, **cfg.other)", []),
        ("missing.DataLoader(**cfg.loader)", []),
    ],
)
def test_part_that_a_script_hands_on_to_a_call_is_judged_like_a_target(
    tmp_path: Path, call: str, expected: list[tuple[str, Severity]]
) -> None:
    """What is unknown to the call, of a wrong type or given twice stops the script; only maybe where it may not call."""
    (tmp_path / "train.py").write_text(
        "import hydra\nimport no_such_package as missing\nfrom torch.utils.data import DataLoader\n\n"
        "@hydra.main(config_path='.', config_name='train')\n"
        f"def main(cfg):\n    data = make(cfg.data)\n    {call}\n"
    )
    configs = {
        "train": "defaults:\n  - loader: small\n",
        "loader/small": "batch_size: two\nshuffle: true\nwrkers: 2\n",
    }

    made = compiled(tmp_path, configs)

    found = [item for item in made.diagnostics if item.place.file == "loader/small.yaml"]
    assert expected == sorted((item.code, item.severity) for item in found)


def test_what_is_too_large_to_be_read_is_a_warning_where_another_script_reads_it(tmp_path: Path) -> None:
    """Hydra has no limit. In the layout of serotiny's own jobs, which read no more, it is an error."""
    configs = {"train": "defaults:\n  - data: all\n", "data/all": "names: [" + "a, " * 400_000 + "b]\n"}

    severities = [
        [
            found.severity
            for found in compiled(tmp_path, configs, layout).diagnostics
            if found.code == "SER108"
        ]
        for layout in (HYDRA, SEROTINY)
    ]

    assert [[Severity.WARNING], [Severity.ERROR]] == severities


@pytest.mark.parametrize(
    ("layout", "around", "call", "expected"),
    [
        (TEMPLATE, "", "instantiate(cfg.model)", ["SER302"]),
        (TEMPLATE, "_recursive_: false\n", "instantiate(cfg.model)", []),
        (TEMPLATE, "", "instantiate(cfg.model, _recursive_=False)", []),
        (HYDRA, "", "instantiate(cfg.model)", ["SER302"]),
        (HYDRA, "", "instantiate(cfg.model, net=1)", ["SER302"]),
        (HYDRA, "", "instantiate(cfg.model)\n    other = saved()\n    instantiate(other.model)", ["SER302"]),
        (HYDRA, "", "instantiate(cfg.model)\n    instantiate_model(cfg.model)", []),
        (HYDRA, "_recursive_: false\n", "instantiate(cfg.model)", []),
        (HYDRA, "", "instantiate(cfg.model, _recursive_=False)", []),
        (HYDRA, "", "instantiate(cfg.model, optimizer=None)", []),
        (HYDRA, "", "instantiate(cfg.model, **more)", []),
        (HYDRA, "", "build(cfg.model)", []),
        (HYDRA, "", "if cfg.fit:\n        instantiate(cfg.model)", []),
    ],
)
def test_optimizer_that_hydra_makes_at_once_needs_its_parameters(
    tmp_path: Path, layout: Layout, around: str, call: str, expected: list[str]
) -> None:
    """It stands in a model that Hydra makes, by the layout or as each script shows, unless told to leave what is below."""
    for name in ("train", "evaluate"):
        (tmp_path / f"{name}.py").write_text(
            "import hydra\nfrom hydra.utils import instantiate\n\n"
            f"@hydra.main(config_path='.', config_name='{name}')\n"
            f"def main(cfg):\n    {call}\n"
        )
    configs = {
        "train": "defaults:\n  - model: net\n",
        "evaluate": "defaults:\n  - model: net\n",
        "model/net": f"_target_: builtins.dict\n{around}optimizer:\n  _target_: torch.optim.SGD\n  lr: 0.1\n",
    }

    made = compiled(tmp_path, configs, layout)

    assert expected == sorted(
        {found.code for found in made.diagnostics if found.place.file == "model/net.yaml"}
    )


def test_script_that_is_given_the_name_of_its_config_hands_on_parts_of_any(tmp_path: Path) -> None:
    """It starts from what no other script names."""
    script = "import hydra\nimport torch\n\n@hydra.main(config_path='.'{})\ndef main(cfg):\n    torch.nn.{}(**cfg.net)\n"
    (tmp_path / "any.py").write_text(script.format("", "Linear"))
    (tmp_path / "own.py").write_text(script.format(", config_name='own'", "Flatten"))
    net = "defaults: []\nnet: {in_features: 1, width: 2}\n"

    made = compiled(tmp_path, {"own": net, "train": net})

    assert [("own.yaml", "in_features"), ("own.yaml", "width"), ("train.yaml", "width")] == [
        (found.place.file, str(found.key).rpartition(".")[2])
        for found in made.diagnostics
        if found.code == "SER301"
    ]


@pytest.mark.parametrize(
    ("body", "is_missing"),
    [
        ("DataLoader(**cfg.loader)", True),
        ("loader = dict(cfg.loader)\n    DataLoader(num_workers=1, **loader)", True),
        ("DataLoader([], **cfg.loader)", False),
        ("DataLoader(dataset=[], **cfg.loader)", False),
        ("if cfg.fit:\n        DataLoader(**cfg.loader)", False),
        ("cfg.loader.dataset = []\n    DataLoader(**cfg.loader)", False),
        ("complete(cfg)\n    DataLoader(**cfg.loader)", False),
        ("loader = dict(cfg.loader, dataset=[])\n    DataLoader(**loader)", False),
    ],
)
def test_part_that_a_script_hands_on_lacks_what_nothing_in_the_script_gives(
    tmp_path: Path, body: str, is_missing: bool
) -> None:
    """Other code that is given the config may do so."""
    (tmp_path / "train.py").write_text(
        "import hydra\nfrom torch.utils.data import DataLoader\n\n"
        f"@hydra.main(config_path='.', config_name='train')\ndef main(cfg):\n    {body}\n"
    )

    made = compiled(tmp_path, {"train": "defaults: [_self_]\nfit: true\nloader:\n  batch_size: 2\n"})

    assert ([("SER302", "train.yaml")] if is_missing else []) == told(made)


@pytest.mark.parametrize(
    ("body", "trainer", "expected"),
    [
        ("pl.Trainer(**cfg.trainer)", "accelerator: gppu", ["SER304"]),
        ("trainer = cfg.trainer\n    pl.Trainer(**trainer)", "devices: 0", ["SER303"]),
        ("if cfg.fit:\n        pl.Trainer(**cfg.trainer)", "accelerator: gppu", []),
        ("other.Trainer(**cfg.trainer)", "accelerator: gppu", []),
        ("instantiate(cfg.trainer)", f"_target_: {TRAINER}\n  accelerator: gppu", ["SER304"]),
        ("instantiate(cfg.trainer)", f"_target_: {TRAINER}\n  strategy: dpp", ["SER304"]),
        ("instantiate(cfg.trainer)", f"_target_: {TRAINER}\n  accelerator: gpu", []),
        (
            "registry.register('gppu', other.Gpu)\n    instantiate(cfg.trainer)",
            f"_target_: {TRAINER}\n  accelerator: gppu",
            [],
        ),
    ],
)
def test_only_trainer_of_a_job_is_lightnings_wherever_it_stands(
    tmp_path: Path, body: str, trainer: str, expected: list[str]
) -> None:
    """In plain Hydra no place is known, and a script may make the trainer itself."""
    (tmp_path / "train.py").write_text(
        "import hydra\nimport pytorch_lightning as pl\nfrom hydra.utils import instantiate\nimport other\n\n"
        f"@hydra.main(config_path='.', config_name='train')\ndef main(cfg):\n    {body}\n"
    )

    made = compiled(tmp_path, {"train": f"defaults: [_self_]\nfit: true\ntrainer:\n  {trainer}\n"})

    assert expected == [found.code for found in made.diagnostics]


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ({}, [("SER301", "shared/model/wide.yaml")]),
        ({"shared/train": "defaults:\n  - model: wide\n"}, []),
        ({"conf/other": "defaults:\n  - model: net\n  - _self_\n"}, []),
    ],
)
def test_option_of_a_folder_that_each_primary_config_adds_is_judged(
    tmp_path: Path, further: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """Not where the folder has primary configs of its own, or another config of the project does not add it."""
    configs = {
        "conf/train": "defaults:\n  - model: net\nhydra:\n  searchpath: [file://shared]\n",
        "conf/model/own": LINE.format(1),
        "shared/model/net": LINE.format(1),
        "shared/model/wide": LINE.format(1).replace("in_features", "in_featres"),
    }
    for name, text in {**configs, **further}.items():
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = Project(root=tmp_path, package=None, config_folders=(tmp_path / "conf",), layout=HYDRA)

    made = compile_project(Compiler(Sources(project), Validator.of_project(project)))

    assert expected == [item for item in told(made) if item[0] == "SER301"]


def test_option_that_leaves_out_a_part_which_a_sibling_chooses_is_for_other_jobs(tmp_path: Path) -> None:
    """What asks for the part is warned of, unless it is misspelt: then the part is there."""
    configs = {
        "train": "defaults: [callbacks: default, data: full, _self_]\n",
        "callbacks/default": "folder: ${data.words.folder}\n",
        "data/full": "defaults: [rows: a, words: b]\n",
        "data/part": "defaults: [rows: a]\n",
        "data/rows/a": "count: 1\n",
        "data/words/b": "folder: texts\n",
    }

    made = compiled(tmp_path, configs)
    misspelt = compiled(tmp_path, {**configs, "callbacks/default": "folder: ${data.words.foldr}\n"})

    assert ["`data=part` leaves the part `words` out: for jobs without what asks for it"] == [
        fault.notes[-1] for fault in made.diagnostics if fault.severity is Severity.WARNING
    ]
    assert [] == [fault for fault in made.diagnostics if fault.is_error]
    assert ["callbacks/default.yaml"] == [
        fault.place.file for fault in misspelt.diagnostics if fault.is_error
    ]


def test_root_that_overrides_choices_of_its_own_option_is_not_for_the_options_of_another(
    tmp_path: Path,
) -> None:
    """An option is tried in the root where it has the fewest errors, which may be one that nobody means it for."""
    made = compiled(
        tmp_path,
        {
            "config": "defaults: [data: default, _self_]\nfirst: ${data.rows.count}\nlast: ${data.rows.end}\n",
            "relabel": "defaults: [data: default, override data/rows: b, _self_]\n",
            "data/default": "defaults: [rows: a]\n",
            "data/random": "seed: 1\n",
            "data/rows/a": "count: 1\nend: 2\n",
            "data/rows/b": "count: 3\nend: 4\n",
        },
    )

    assert [("SER109", Severity.WARNING)] == [(fault.code, fault.severity) for fault in made.diagnostics]


def test_option_of_a_sub_folder_is_told_as_one_of_the_group_that_its_list_was_written_for(
    tmp_path: Path,
) -> None:
    """Chosen in the sub-folder it would find none of its own entries, of which nothing is wrong."""
    made = compiled(
        tmp_path,
        {
            "main": "defaults:\n  - solver: music/base\n",
            "data/clips": "rate: 1\n",
            "solver/common": "# @package _global_\ndefaults:\n  - /data: clips\n",
            "solver/music/base": "# @package _global_\ndefaults:\n  - /solver/common\n",
            "solver/music/large": (
                "# @package _global_\ndefaults:\n  - music/base\n  - override /data@sounds: clips\n"
            ),
        },
    )
    [fault] = made.diagnostics
    assert (fault.code, fault.place.file, fault.place.line, fault.help) == (
        "SER109",
        "solver/music/large.yaml",
        4,
        "write `- override /data: clips`",
    )


def test_override_in_an_option_of_a_sub_folder_is_told_where_it_stands(tmp_path: Path) -> None:
    """Without its slash it is below the group, not below the sub-folder; the call that chooses the option is right."""
    project = written(
        tmp_path,
        {
            "main": "defaults:\n  - solver: common\n",
            "data/clips": "rate: 1\n",
            "solver/common": "# @package _global_\ndefaults:\n  - /data: clips\n",
            "solver/music/large": ("# @package _global_\ndefaults:\n  - common\n  - override data: clips\n"),
        },
    )
    compiler = Compiler(Sources(project), Validator.of_project(project))
    [fault] = compiler.compile_primary("main", ("solver=music/large",)).diagnostics
    assert (fault.message, fault.place.file, fault.place.line) == (
        "`override data` overrides nothing: no defaults list chooses in `solver/data`",
        "solver/music/large.yaml",
        4,
    )


PLACES = {
    "train": "defaults:\n  - layers: default\n",
    "layers/default": "defaults:\n  - parts@first_line: line\n  - _self_\nfirst_line:\n  out_features: 2\n",
    "layers/parts/line": LINE.format(1),
    "layers/parts/relu": "_target_: torch.nn.ReLU\n",
    "layers/parts/pool": "_target_: torch.nn.MaxPool2d\n",
}


def test_option_is_not_held_to_the_place_of_another_one(tmp_path: Path) -> None:
    """Values of a place that is named after one option are not for the rest of the group."""
    made = compiled(tmp_path, PLACES)

    assert {("SER301", False)} == {(found.code, found.is_error) for found in made.diagnostics}


def test_option_has_its_own_faults_at_the_place_of_another_one(tmp_path: Path) -> None:
    """An argument that its class does not have is one anywhere."""
    made = compiled(tmp_path, PLACES | {"layers/parts/relu": "_target_: torch.nn.ReLU\nslope: 1\n"})

    assert [("layers/parts/relu.yaml", True)] == [
        (str(found.place.file), found.is_error) for found in made.diagnostics if "slope" in found.message
    ]


def test_option_of_a_place_for_its_group_is_held_to_the_values_there(tmp_path: Path) -> None:
    """Where the place has the name of the group, each of the options may be chosen there."""
    places = {name: text.replace("first_line", "part") for name, text in PLACES.items()}

    made = compiled(tmp_path, places)

    assert ("SER301", "layers/default.yaml") in [
        (found.code, str(found.place.file)) for found in made.diagnostics if found.is_error
    ]


CONDITIONS = {
    "train": "defaults:\n  - data: ???\n  - model: ???\n  - condition: null\n  - experiment: null\n  - _self_\n",
    "data/bare": "_target_: torch.nn.Linear\nin_features: 1\nout_features: 1\n",
    "data/rated": "_target_: torch.nn.Linear\nin_features: 1\nout_features: 1\nbias: true\n",
    "model/flat": "_target_: torch.nn.Flatten\n",
    "model/line": "defaults:\n  - encoder: one\nlayer: 1\n",
    "model/encoder/one": "_target_: torch.nn.ReLU\n",
    "model/encoder/two": "_target_: torch.nn.ReLU\ninplace: ${data.bias}\n",
    "condition/two": "# @package _global_\ndefaults:\n  - override /model/encoder: two\ndata:\n  dtype: null\n",
}


def test_config_that_overrides_a_choice_is_tried_with_an_option_that_makes_it(tmp_path: Path) -> None:
    """Where a choice has to be filled in, that of the first option would leave the override nothing to override."""
    made = compiled(tmp_path, CONDITIONS)

    assert "train data=bare model=line condition=two" in calls(made)
    assert [] == [str(found) for found in made.diagnostics if found.is_error]


def test_slip_of_a_config_that_is_tried_with_what_was_filled_in_is_told(tmp_path: Path) -> None:
    """No option makes the choice that it overrides, and no option has the key that it refers to."""
    slips = {
        "condition/two": "# @package _global_\ndefaults:\n  - override /model/encodr: two\n",
        "model/encoder/two": "_target_: torch.nn.ReLU\ninplace: ${data.bais}\n",
    }

    made = compiled(tmp_path, CONDITIONS | slips)

    assert {("SER109", True), ("SER201", True)} == {
        (found.code, found.is_error) for found in made.diagnostics
    }


def test_experiment_makes_the_choices_that_would_be_filled_in(tmp_path: Path) -> None:
    """What the check takes for a bare primary config does not stand over the choices of a config laid over it."""
    one = "# @package _global_\ndefaults:\n  - override /model: line\n  - override /model/encoder: one\n"

    made = compiled(tmp_path, CONDITIONS | {"experiment/one": one})

    assert "train data=bare experiment=one" in calls(made)
    assert [] == [str(found) for found in made.diagnostics if found.is_error]


@pytest.mark.parametrize(("root", "is_fault"), [("  - experiment: null\n", False), ("", True)])
def test_setting_of_hydras_is_completed_by_the_groups_of_its_job(
    tmp_path: Path, root: str, is_fault: bool
) -> None:
    """The folder of a run is named by what each experiment gives; a script without experiments does not start."""
    made = compiled(
        tmp_path,
        {
            "train": f"defaults:\n  - model: line\n{root}  - _self_\nhydra:\n  run:\n    dir: out/${{title}}\n",
            "model/line": LINE.format(1),
            "experiment/one": "# @package _global_\ntitle: first\n",
        },
    )

    assert is_fault == (("SER201", "train.yaml") in told(made))


def test_key_of_a_config_that_is_laid_over_one_elsewhere_may_be_given_there(tmp_path: Path) -> None:
    """A folder in which no config starts a job is searched beside another one."""
    made = compiled(
        tmp_path,
        {"experiment/one": "# @package _global_\nlayer:\n  _target_: torch.nn.ReLU\ntags:\n  - ${title}\n"},
    )

    assert [("SER201", False)] == [(found.code, found.is_error) for found in made.diagnostics]


def test_option_is_not_mended_by_what_reads_its_value_no_more(tmp_path: Path) -> None:
    """Another primary config may set what refers to the option's value; with the first one the job fails."""
    made = compiled(
        tmp_path,
        {
            "finetune": "defaults:\n  - train\n  - _self_\ntrainer:\n  max_epochs: 3\n",
            "train": "defaults:\n  - data: rows\n  - trainer: default\n",
            "data/rows": "rounds: 2\n",
            "data/more": "rounds: 2.5\n",
            "data/later": "rounds: null\n",
            "trainer/default": "_target_: pytorch_lightning.Trainer\nmax_epochs: ${data.rounds}\n",
        },
        named=("train", "finetune"),
    )

    assert [("SER303", "data/more.yaml")] == told(made)
    assert "train data=more" in calls(made)


def test_config_that_is_named_outright_at_a_wrong_package_is_told_there(tmp_path: Path) -> None:
    """The entry that lays it there is at fault, and not what it holds."""
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - parts/inner@model.modul\nmodel:\n  _target_: torch.nn.DataParallel\n",
            "parts/inner": LINE.format(3),
        },
    )

    assert ("SER301", "train.yaml") in told(made)
    assert ("SER301", "parts/inner.yaml") not in told(made)


def test_file_that_lacks_its_package_is_told_in_the_place_of_all_that_is_amiss_in_it(tmp_path: Path) -> None:
    """What it gives lies elsewhere, so that it does not find its own keys."""
    configs = {
        "train": "defaults:\n  - experiment: null\nname: a\n",
        "experiment/one": "# @package _global_\nname: b\nyear: 1\n",
        "experiment/two": "name: c\nyear: 2\nfolder: ${year}/${name}\n",
        "experiment/six": "# @package _global_\nfolder: c\n",
    }

    found = [
        fault
        for fault in compiled(tmp_path, configs).diagnostics
        if fault.place.file == "experiment/two.yaml"
    ]

    assert [("SER308", True)] == [(fault.code, fault.is_error) for fault in found]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("depth=3", []),
        ("net.depth=3", []),
        ("~depth", []),
        ("widht=3", ["SER107"]),
        ("data.rows=3", ["SER104"]),
    ],
)
def test_key_that_a_config_of_code_may_have_is_set(
    tmp_path: Path, override: str, expected: list[str]
) -> None:
    """So is one in what an option that is missing would give; a key that is a letter off another one is misspelt."""
    (tmp_path / "job.py").write_text(
        "from hydra.core.config_store import ConfigStore\n\nConfigStore.instance().store(name='base', node=Base)\n"
    )
    data = "gone" if expected == ["SER104"] else "few"
    configs = {
        "train": f"defaults:\n  - base\n  - data: {data}\n  - _self_\nwidth: 1\n",
        "data/few": "size: 1\n",
    }
    project = written(tmp_path, configs, HYDRA, ())
    compiler = Compiler(Sources(project), Validator.of_project(project))

    assert expected == [fault.code for fault in compiler.compile_job("train", (override,)).diagnostics]


@pytest.mark.parametrize("place", ["special@net", "special"])
def test_option_that_others_make_is_judged_with_these(tmp_path: Path, place: str) -> None:
    """A list that comes to an option by the choices in other groups chooses it with no others."""
    is_global = place == "special"
    special = "# @package _global_\nnet: {start_dim: 2}\n" if is_global else "start_dim: 2\n"
    made = compiled(
        tmp_path,
        {
            "train": f"defaults:\n  - net: ???\n  - data: ???\n  - optional {place}: ${{net}}-${{data}}\n",
            "net/line": LINE.format(1),
            "net/wide": "_target_: torch.nn.Flatten\n",
            "data/rows": "rows: 1\n",
            "special/wide-rows": special,
        },
    )

    assert [] == told(made)
    assert {"net=wide", "data=rows"} in [{*job.overrides} for job in made.jobs]


SCRIPT = "import hydra\n\n@hydra.main(config_path='.'{})\ndef main(cfg): ...\n"


@pytest.mark.parametrize(("named", "is_fault"), [("", False), (", config_name='train'", True)])
def test_config_that_chooses_anew_is_one_to_start_from(tmp_path: Path, named: str, *, is_fault: bool) -> None:
    """Where a script is given the name of its config, one that chooses where others do is none to lay over them."""
    (tmp_path / "main.py").write_text(SCRIPT.format(named))
    made = compiled(
        tmp_path,
        {
            "train": "defaults:\n  - data: rows\n",
            "data/rows": "rows: 1\n",
            "data/more": "rows: 2\n",
            "experiment/one": "# @package _global_\ndefaults:\n  - /data: more\n",
        },
    )

    assert is_fault == ("SER109" in [found.code for found in made.diagnostics])
    assert is_fault != ("experiment/one" in calls(made))


@pytest.mark.parametrize(("partial", "is_told"), [("true", False), ("false", True)])
def test_partial_is_given_nothing_that_is_still_to_be_filled_in(
    tmp_path: Path, partial: str, *, is_told: bool
) -> None:
    """Hydra leaves such a key out of a partial, even one that is no parameter."""
    net = f"net: {{_target_: torch.nn.Linear, _partial_: {partial}, width: '???'}}\n"

    made = compiled(tmp_path, {"train": f"defaults: []\n{net}"})

    assert is_told == ("SER301" in [found.code for found in made.diagnostics])


@pytest.mark.parametrize(("version", "is_refused"), [("1.0.6", False), ("1.3.2", True)])
def test_older_hydra_finds_a_projects_own_group_beside_hydras(
    tmp_path: Path, version: str, *, is_refused: bool
) -> None:
    """Before Hydra 1.1 a primary config might choose in any group of that name without `override`."""
    (tmp_path / "requirements.txt").write_text(f"hydra-core=={version}\n")
    (tmp_path / "main.py").write_text(SCRIPT.format(", config_name='train'").replace("'.'", "'conf'"))
    (tmp_path / "conf/hydra/model").mkdir(parents=True)
    (tmp_path / "conf/hydra/model/line.yaml").write_text("width: 1\n")
    (tmp_path / "conf/train.yaml").write_text("defaults:\n  - hydra/model: line\n")

    made = compile_project(Compiler.of_project(find_project(tmp_path)))

    assert is_refused == ("SER109" in [found.code for found in made.diagnostics])


def test_older_hydra_reads_the_choice_at_a_place_of_the_list(tmp_path: Path) -> None:
    """Each option that the list may come to so is judged with the choice that makes it."""
    (tmp_path / "main.py").write_text(SCRIPT.format(", config_name='train', strict=True"))
    made = compiled(
        tmp_path,
        {
            "train": (
                "defaults:\n  - kind: wide\n"
                "  - part: ${defaults.0.kind}_net\n  - part: ${defaults.0.kind}_rate\n"
            ),
            "kind/line": "kind: line\n",
            "kind/wide": "kind: wide\n",
            "part/line_net": "net:\n  _target_: torch.nn.Linear\n  in_features: 1\n  out_features: ${rate}\n",
            "part/wide_net": "net:\n  _target_: torch.nn.Flatten\n  start_dim: ${rate}\n",
            "part/line_rate": "rate: 1\n",
            "part/wide_rate": "rate: 1\n",
        },
    )

    assert [] == told(made)
    assert ["train", "train kind=line"] == calls(made)


@pytest.mark.parametrize(("taken", "is_told"), [("cfg.pop('bias')", False), ("cfg.get('bias')", True)])
def test_value_that_code_removes_before_the_call_is_given_to_nothing(
    tmp_path: Path, taken: str, *, is_told: bool
) -> None:
    """The parameter of that name may get another one."""
    (tmp_path / "main.py").write_text(
        f"from hydra.utils import instantiate\n\ndef build(cfg):\n    cfg = dict(cfg)\n    {taken}\n    return instantiate(cfg)\n"
    )
    net = "net:\n  _target_: torch.nn.Linear\n  in_features: 1\n  out_features: 1\n  bias: [1, 2]\n"

    made = compiled(tmp_path, {"train": f"defaults: []\n{net}"})

    assert is_told == ("SER303" in [found.code for found in made.diagnostics])


def test_option_may_be_where_a_plug_in_of_a_package_finds_it(tmp_path: Path) -> None:
    """A script registers it by the function of that package, which is not installed."""
    (tmp_path / "main.py").write_text(
        "from sims.configs import SimsPlugin, register_hydra_plugin\n\nregister_hydra_plugin(SimsPlugin)\n"
        + SCRIPT.format(", config_name='train'")
    )
    made = compiled(tmp_path, {"train": "defaults:\n  - sims/agents: human\n"})

    assert [("SER103", Severity.WARNING)] == [(found.code, found.severity) for found in made.diagnostics]
