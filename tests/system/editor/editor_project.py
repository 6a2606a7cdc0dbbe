"""A generated project with its exported schemas, and both verdicts on a config of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from serotiny.cli.commands.new import create_project
from serotiny.cli.commands.schema import write_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project, find_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic

GROUP_FILES = {
    "data": "data/case.yaml",
    "model": "model/case.yaml",
    "trainer": "trainer/case.yaml",
    "trainer.callbacks": "trainer/callbacks/case.yaml",
    "mlflow": "mlflow/case.yaml",
}
"""Schema → the file that stands for a case of it; an operation's case is the operation's own file."""


@dataclass(frozen=True)
class EditorProject:
    """A project, and the folder of its schemas."""

    project: Project
    schemas: Path

    @classmethod
    def generate(cls, folder: Path) -> EditorProject:
        project = find_project(create_project({}, no_input=True, output_dir=folder))
        return cls.of(project)

    @classmethod
    def of(cls, project: Project) -> EditorProject:
        _, written = write_project(project)
        return cls(project, written[0].parent)

    @cached_property
    def documents(self) -> dict[str, Any]:
        """Each schema by name, such as `model` and `trainer.callbacks`."""
        files = sorted(self.schemas.glob("*.schema.json"))
        return {file.name.removesuffix(".schema.json"): json.loads(file.read_text("utf-8")) for file in files}

    @cached_property
    def validators(self) -> dict[str, Draft7Validator]:
        return {name: Draft7Validator(document) for name, document in self.documents.items()}

    def editor_faults(self, schema: str, text: str) -> list[str]:
        """What a validator of the schema says of a config, read as OmegaConf reads it."""
        data = parse_document("case.yaml", text).root.plain()
        return [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in self.validators[schema].iter_errors(data)
        ]

    def compiler_faults(self, schema: str, text: str) -> list[Diagnostic]:
        """The errors of `serotiny check` on a call that takes the config."""
        return [fault for fault in self.compiler_told(schema, text) if fault.is_error]

    def compiler_told(self, schema: str, text: str) -> list[Diagnostic]:
        """All that `serotiny check` tells of a call that takes the config."""
        return self._told(schema, text, self._validator)

    def faults_by_signature(self, schema: str, text: str) -> list[Diagnostic]:
        """Those errors without what is told by the checks that know more of a class than its signature does."""
        told = self._told(schema, text, replace(self._validator, checks=()))
        return [fault for fault in told if fault.is_error]

    def _told(self, schema: str, text: str, validator: Validator) -> list[Diagnostic]:
        compiler = self._compiler({GROUP_FILES.get(schema, f"{schema}.yaml"): text}, validator)
        overrides = []
        if schema in GROUP_FILES:
            overrides = [f"{schema.replace('.', '/')}=case"]
            if schema == "trainer":
                # the callbacks of another file would be merged over those of the case
                overrides.append("~trainer/callbacks")
        operation = schema if schema not in GROUP_FILES else "train"
        return [*compiler.compile_call(operation, overrides).diagnostics]

    def compiler(self, unsaved: dict[str, str]) -> Compiler:
        return self._compiler(unsaved, self._validator)

    def _compiler(self, unsaved: dict[str, str], validator: Validator) -> Compiler:
        folder = self.project.config_folders[0]
        texts = {folder / path: text for path, text in unsaved.items()}
        return Compiler(Sources(self.project, texts), validator)

    @cached_property
    def _validator(self) -> Validator:
        return Validator.of_project(self.project)
