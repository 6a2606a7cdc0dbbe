"""Defaults lists that include each other: each way round is told once, where it leads back."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.composition.compose import Composed, compose
from serotiny.compiler.project import Project
from serotiny.compiler.sources.sources import Sources


def composed(root: Path, *overrides: str, **lists: str) -> Composed:
    """What `train` is with these defaults lists; each config also sets a value that bears its name."""
    for name, items in lists.items():
        file = root / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(f"defaults: [{items}]\n{name}: 1\n")
    return compose(Sources(Project(root=root, package=None, config_folders=(root,))), "train", overrides)


def told(config: Composed) -> list[tuple[str, str, str]]:
    return [(fault.code, fault.message, str(fault.place)) for fault in config.diagnostics]


def test_a_config_that_includes_itself_is_told_at_its_entry(tmp_path: Path) -> None:
    """The entry is left out, and the rest is composed."""
    config = composed(tmp_path, train="model: a, _self_", model__a="a, _self_")

    assert [("SER109", "`model/a` includes itself", "model/a.yaml:1:12")] == told(config)
    assert {"model": {"model__a": 1}, "train": 1} == {
        key: config.root.plain()[key] for key in ("model", "train")
    }


def test_every_way_round_is_told_once(tmp_path: Path) -> None:
    """Two cycles that share a config are two faults, also where Hydra would end at the first."""
    config = composed(
        tmp_path,
        train="model: a, _self_",
        model__a="b, c",
        model__b="/model/a",
        model__c="part: d",
        model__part__d="/model/c",
    )

    assert [
        (
            "SER109",
            "the defaults lists include each other: `model/a` → `model/b` → `model/a`",
            "model/b.yaml:1:12",
        ),
        (
            "SER109",
            "the defaults lists include each other: `model/c` → `model/part/d` → `model/c`",
            "model/part/d.yaml:1:12",
        ),
    ] == told(config)


def test_a_cycle_that_an_override_leaves_is_none(tmp_path: Path) -> None:
    """What the call does not include is not at fault."""
    config = composed(tmp_path, "model=b", train="model: a, _self_", model__a="a", model__b="")

    assert [] == told(config)


def test_a_chain_deeper_than_hydra_goes_is_told(tmp_path: Path) -> None:
    """A thousand configs that each include the next are no cycle, but more than can be expanded."""
    chain = {f"c{number}": f"c{number + 1}" for number in range(1200)}
    config = composed(tmp_path, train="c0, _self_", **chain, c1200="")

    assert {"SER109"} == {fault.code for fault in config.diagnostics}


def test_a_choice_that_names_one_which_is_not_made_is_told_with_the_one_that_is(tmp_path: Path) -> None:
    """What was meant, not each choice that there is; Hydra finds none whose package has a dot."""
    for name in ("optim/adam", "extra/adam_small"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.yaml").write_text("a: 1\n")
    made = "optim@x: adam, optim@y.z: adam, 'optional extra': '${%s}_small', _self_"

    misspelt, dotted = composed(tmp_path, train=made % "optm@x"), composed(tmp_path, train=made % "optim@y.z")

    message = "`${%s}_small` names a choice that Hydra does not find"
    assert [("SER109", message % "optm@x", "train.yaml:1:62")] == told(misspelt)
    assert [("SER109", message % "optim@y.z", "train.yaml:1:62")] == told(dotted)
    assert ["did you mean `${optim@x}`?"] == [fault.help for fault in misspelt.diagnostics]
    assert "a dot" in str(dotted.diagnostics[0].help)
    assert [] == told(composed(tmp_path, train=made % "optim@x"))


def test_a_missing_option_is_told_where_the_job_names_it(tmp_path: Path) -> None:
    """Not in another config that names it too, nor in the entry that an `override` replaces."""
    lists = {
        "train": "model: a, exp: null, _self_",
        "model__a": "",
        "model__sub__b": "part: none",
        "exp__one": "override /model@_global_.model: none",
        "exp__two": "override /model@_global_.model: none",
        "exp__three": "override /model@_global_.model: sub/b",
    }
    composed(tmp_path, **lists)
    sources = Sources(Project(root=tmp_path, package=None, config_folders=(tmp_path,)))
    found = {name: told(compose(sources, "train", [f"exp={name}"])) for name in ("one", "two", "three")}

    message = "`none` is not an option of `model`"
    assert [("SER104", message, "exp/one.yaml:1:44")] == found["one"]
    assert [("SER104", message, "exp/two.yaml:1:44")] == found["two"]
    assert [("SER103", "there is no config group `model/part`", "model/sub/b.yaml:1:12")] == found["three"]


def test_option_that_is_no_interpolation_is_told_although_an_override_replaces_it(tmp_path: Path) -> None:
    """Hydra refuses the list too, whatever is chosen in the end."""
    made = "model: a, override model: b, override model: '${model'"
    config = composed(tmp_path, train=made, model__a="", model__b="")

    assert ["`${model` is not an interpolation"] == [
        fault.message for fault in config.diagnostics if fault.code == "SER109"
    ]
    assert "model__b" in config.root.plain()["model"]


def test_self_with_a_group_is_taken_where_hydra_takes_it(tmp_path: Path) -> None:
    """In a config whose package is written, and in no other."""
    config = composed(
        tmp_path, train="model@part: a, data: b", model__a="other: _self_", data__b="other: _self_"
    )

    assert [("SER109", "`_self_` stands by itself, without the group `other`", "data/b.yaml:1:19")] == told(
        config
    )
    assert {"model__a": 1} == config.root.plain()["part"]


def test_override_of_what_the_options_of_a_group_choose_is_no_fault_where_one_is_missing(
    tmp_path: Path,
) -> None:
    """Any other option would choose there; an override of what none of them chooses is told all the same."""
    lists = {
        "train": "{model: a}, {exp: null}, {override head@model.head: large}, {override tail: large}",
        "model__a": "{/head: small}",
        "head__small": "",
        "head__large": "",
        "tail__large": "",
    }
    assert ["tail"] == [fault.key for fault in composed(tmp_path, **lists).diagnostics]

    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "one.yaml").write_text("# @package _global_\ndefaults: [{override /model: gone}]\n")
    config = composed(tmp_path, "exp=one")
    assert {("SER104", "model"), ("SER109", "tail")} == {
        (fault.code, fault.key) for fault in config.diagnostics
    }


def test_override_of_nothing_is_told_where_a_plug_in_of_hydra_is_missing(tmp_path: Path) -> None:
    """Such an option chooses in none of the project's groups."""
    lists = {
        "train": "{model: a}, {override /tail: large}, {override hydra/job_logging: colorlog}",
        "model__a": "",
        "tail__large": "",
    }
    found = {(fault.code, fault.key) for fault in composed(tmp_path, **lists).diagnostics}

    assert {("SER109", "tail"), ("SER312", "hydra/job_logging")} == found


def test_override_in_a_misspelt_group_of_hydras_is_told_beside_a_plug_in_that_is_missing(
    tmp_path: Path,
) -> None:
    """The plug-in brings an option and no group; the group that was meant is named as the list has to name it."""
    lists = {
        "train": "{hydra: default}",
        "hydra__default": "{override hydra_loggig: default}, {override job_logging: colorlog}",
    }
    faults = composed(tmp_path, **lists).diagnostics

    assert {("hydra/hydra_loggig", "hydra_logging"), ("hydra/job_logging", None)} == {
        (fault.key, fault.suggestion) for fault in faults if fault.code in ("SER109", "SER312")
    }


def test_a_missing_plug_in_of_hydra_leaves_no_key_of_the_config_open(tmp_path: Path) -> None:
    """Also where an option of the project's in Hydra's group is laid over the whole config."""
    (tmp_path / "hydra").mkdir()
    (tmp_path / "hydra" / "own.yaml").write_text("# @package _global_\nhydra: {run: {dir: out}}\n")
    config = composed(tmp_path, train="{hydra: own}, {override hydra/job_logging: colorlog}")

    assert ["SER312"] == [fault.code for fault in config.diagnostics]
    assert not config.root.incomplete


def test_override_in_a_misspelt_group_is_told_beside_an_option_that_is_missing(tmp_path: Path) -> None:
    """The option could choose in another group, but not in one that is there under almost the same name."""
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "one.yaml").write_text(
        "# @package _global_\ndefaults: [{override /model: gone}, {override /moons: small}]\n"
    )
    lists = {"train": "{model: a}, {moon: small}, {exp: one}", "model__a": "", "moon__small": ""}
    found = [(fault.code, fault.key) for fault in composed(tmp_path, **lists).diagnostics]

    assert [("SER109", "moons"), ("SER104", "model")] == sorted(found, reverse=True)


def test_an_override_in_a_group_that_is_not_there_is_told_with_the_groups_that_are(tmp_path: Path) -> None:
    """Without `override` the entry would name nothing either."""
    (tmp_path / "planet").mkdir()
    (tmp_path / "planet/venus.yaml").write_text("")

    config = composed(tmp_path, train="override /insect: bee")

    groups = ", ".join(
        f"`{name}`" for name in ("data", "mlflow", "model", "planet", "trainer", "trainer/callbacks")
    )
    assert [f"take it out: there is no group `insect`; the groups are {groups}"] == [
        fault.help for fault in config.diagnostics
    ]


def test_an_option_by_way_of_the_folders_above_is_written_as_one_of_its_group(tmp_path: Path) -> None:
    """Behind `override /planet` the same way would lead out of the config folder."""
    for name, text in {
        "planet/venus": "",
        "trip/far": "# @package _global_\ndefaults:\n  - planet: ../planet/venus.yaml\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.yaml").write_text(text)

    config = composed(tmp_path, train="planet: venus, trip: far")

    fix = "write `- override /planet: venus.yaml`: without the slash it is looked for in this file's folder"
    assert [("SER103", fix)] == [(fault.code, fault.help) for fault in config.diagnostics]


def test_choice_that_a_file_without_its_package_does_not_make_is_told_once(tmp_path: Path) -> None:
    """Its overrides are in no list, so that what they would choose has to be chosen; what the call chooses is."""
    lists = {
        "train": "{model: '???'}, {data: '???'}, {exp: '???'}, {setup: '???'}",
        "model__a": "",
        "data__a": "",
        "exp__a": "{override /data: a}, {override /model: a}",
        "setup__a": "",
    }

    config = composed(tmp_path, "exp=a", "setup=a", **lists)

    assert [("exp/a.yaml", "begin exp/a.yaml with the line `# @package _global_`")] == [
        (fault.place.file, fault.help) for fault in config.diagnostics
    ]


def test_choice_that_is_not_made_is_told_at_its_entry_beside_those_of_the_call(tmp_path: Path) -> None:
    """No override of the call is at fault for a group that it does not choose in."""
    lists = {
        "train": "{model: '???'}, {exp: '???'}, {setup: '???'}",
        "model__a": "",
        "exp__a": "",
        "setup__a": "",
    }

    config = composed(tmp_path, "exp=a", "setup=a", **lists)

    assert [("SER105", "an option of `model` must be chosen", "train.yaml:1:20")] == told(config)


@pytest.mark.parametrize("before", ["", "{override /data: b}, "])
def test_choice_without_the_word_override_is_read_as_the_one_that_was_meant(
    tmp_path: Path, before: str
) -> None:
    """The primary config chooses in the group, so the file replaces that, be it in front of other overrides or not."""
    lists = {"train": "{model: a}, {data: a}, {exp: null}"}
    lists |= {f"{group}__{option}": "" for group in ("model", "data") for option in "ab"}
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "one.yaml").write_text(f"# @package _global_\ndefaults: [{before}{{/model: b}}]\n")

    config = composed(tmp_path, "exp=one", **lists)

    assert ["to choose another one write `override /model: b`, at the end of the list"] == [
        fault.help for fault in config.diagnostics
    ]
    assert {"model__b": 1} == config.root.plain()["model"]


def test_override_that_has_nothing_to_override_in_the_primary_config_is_read_without_the_word(
    tmp_path: Path,
) -> None:
    """It stands among plain entries since it should be one; neither that nor what builds on it is told too."""
    lists = {
        "model__a": "",
        "model__b": "",
        "data__c": "",
        "experiment__one": "override /model@_global_.model: b",
    }
    made = composed(
        tmp_path, "+experiment=one", train="override model: a, data: c, optional data@x: c, _self_", **lists
    )
    message = "`override model` overrides nothing: no defaults list chooses in `model`"

    assert [("SER109", message, "train.yaml:1:28")] == told(made)
    assert made.root.plain()["model"] == {"model__b": 1}

    both = composed(
        tmp_path, train="override model: a, override data: c, data: c, data@x: c, data@y: c, _self_", **lists
    )

    order = "an `override` stands at the end of its defaults list"
    assert [("SER109", order, "train.yaml:1:31"), ("SER109", message, "train.yaml:1:28")] == told(both)


def test_choice_made_twice_by_two_lists_is_read_as_an_override(tmp_path: Path) -> None:
    """The word was lost, so what the option has is not missing, and a further one behind it is in order."""
    lists = {
        "model__a": "",
        "model__b": "",
        "data__c": "",
        "experiment__one": "/model@_global_.model: b, /data@_global_.data: c",
    }
    made = composed(tmp_path, "+experiment=one", train="model: a, _self_", **lists)

    assert [("SER109", "experiment/one.yaml:1:35")] == [(code, place) for code, _, place in told(made)]
    assert {"model__b": 1} == made.root.plain()["model"]
    assert {"data__c": 1} == made.root.plain()["data"]
