"""A fault made in a clean project is found, named rightly, and shown exactly where it was made."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.queries.known_keys import KnownKeys
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from tests.case_projects import lay_out
from tests.property.faults import Kind
from tests.property.mutations import Mutation, mutations

ROOT = Path(__file__).parents[2]
CASES = ("callbacks-mapping", "interpolations", "partial-and-positional")
OF_EACH_KIND = 150
"""So many mutants of a kind at most, drawn with a fixed seed: all of them would take two minutes."""

STRANGERS = ROOT / "tests" / "cases" / "projects"
OF_STRANGERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("template", "train", ("experiment=example", "logger=csv")),
    ("template", "eval", ("ckpt_path=best.ckpt",)),
    ("atoms", "train", ("experiment=qm9",)),
    ("cells", "train", ("experiment=im2im/segmentation",)),
)
OF_EACH_KIND_OF_STRANGERS = 80

TEMPLATE_OWN = ("model=my_model", "data=my_data", "trainer/callbacks=my_callbacks")
DIGITS_OWN = ("model=classifier", "trainer/callbacks=early_stopping")

Call = tuple[Path, str, tuple[str, ...]]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Projects that are clean, each with calls of it."""
    folder = tmp_path_factory.mktemp("projects")
    template = create_project({"package_name": "a_study"}, no_input=True, output_dir=folder)
    digits = folder / "digits"
    shutil.copytree(ROOT / "examples" / "digits", digits, ignore=shutil.ignore_patterns("data.csv", "mlruns"))
    (digits / "data").mkdir(exist_ok=True)
    pixels = [f"pixel_{number:02d}" for number in range(64)]
    rows = [f"{number},{split},1,{'0,' * 63}0" for number, split in enumerate(("train", "valid", "test"))]
    text = "\n".join([",".join(["id", "split", "digit", *pixels]), *rows, ""])
    (digits / "data" / "digits.csv").write_text(text, "utf-8")
    return [
        (template, "train", ()),
        (template, "train", TEMPLATE_OWN),
        (template, "test", ()),
        (digits, "train", ()),
        (digits, "train", DIGITS_OWN),
        *((lay_out(ROOT / "tests" / "cases" / "clean" / case, folder), "train", ()) for case in CASES),
    ]


class _Call:
    """One clean call, and what a compiler says once it is mutated."""

    def __init__(self, root: Path, operation: str, overrides: tuple[str, ...]) -> None:
        self.project = find_project(root)
        self.operation, self.overrides = operation, overrides
        self.validator = Validator.of_project(self.project)
        self.sources = Sources(self.project)
        self.compiler = Compiler(self.sources, self.validator)
        self.clean = self.compiler.compile_job(operation, overrides)

    def mutants(self) -> Iterator[Mutation]:
        return mutations(self.clean, self.sources, KnownKeys(self.validator.reader), self.validator.code)

    def fault_of(self, mutant: Mutation) -> str | None:
        """What is wrong with the answer to a mutant; None when it is exact."""
        compiler = self.compiler
        if mutant.changed is not None:
            unsaved = {self.project.root / mutant.changed: mutant.text}
            compiler = Compiler(Sources(self.project, unsaved), self.validator)
        more = () if mutant.override is None else (mutant.override,)
        job = compiler.compile_job(self.operation, (*self.overrides, *more))
        if any(found.code in mutant.codes and mutant.is_at(found) for found in job.diagnostics):
            return None
        answers = ", ".join(f"{found.code} at {found.place}" for found in job.diagnostics)
        return f"{answers or 'nothing'} (wanted {'/'.join(sorted(mutant.codes))} at {mutant.file}:{mutant.line}:{mutant.column})"


Mutants = list[tuple[_Call, Mutation]]


def _mutants(calls: list[Call]) -> Mutants:
    """Every mutant of every call; all of the calls must be clean."""
    opened = [_Call(*call) for call in calls]
    assert [] == [call.clean.diagnostics for call in opened if call.clean.diagnostics]
    return [(call, mutant) for call in opened for mutant in call.mutants()]


def _assert_told(mutants: Mutants, of_each_kind: int) -> None:
    """So many mutants of each kind, drawn with a fixed seed, are each answered exactly."""
    chosen: Mutants = []
    for kind in Kind:
        made = [one for one in mutants if one[1].kind is kind]
        chosen += random.Random(3).sample(made, min(of_each_kind, len(made)))
    totals: Counter[Kind] = Counter(mutant.kind for _, mutant in chosen)
    misses: list[str] = []
    for call, mutant in chosen:
        fault = call.fault_of(mutant)
        if fault is not None:
            where = f"{call.project.root.name} {mutant.changed or 'override'}"
            misses.append(f"{mutant.kind}: {where}: {mutant.name}: {fault}")

    summary = ", ".join(f"{kind} {totals[kind]}" for kind in Kind)
    text = f"{len(misses)} of {len(chosen)} (of {len(mutants)}) missed; {summary}\n" + "\n".join(misses)
    assert set(Kind) == set(totals), text
    assert [] == misses, text


def test_a_clean_project_mutated_once_is_answered_with_the_code_at_the_place(calls: list[Call]) -> None:
    """Each single fault gives a diagnostic of its kind that starts at the mutated token."""
    _assert_told(_mutants(calls), OF_EACH_KIND)


def test_a_strangers_project_mutated_once_is_answered_likewise(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not held against projects of other layouts hides no slip at the places that are known of them."""
    monkeypatch.setenv("PWD", str(STRANGERS / "cells"))  # its search path asks for it, as a shell has it
    calls = [(STRANGERS / name, operation, overrides) for name, operation, overrides in OF_STRANGERS]

    _assert_told(_mutants(calls), OF_EACH_KIND_OF_STRANGERS)
