"""What is built in, a page each in docs/reference, made from signatures and docstrings: `python -m tests.lint.reference_pages`."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from serotiny.report.config_block import config_block
from serotiny.targets import Parameter, SignatureReader, TargetNotFound, TargetSignature
from serotiny.targets.value_types.types import ANY

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

ROOMS = {
    "Models": "serotiny.models",
    "Losses": "serotiny.models.losses",
    "Data modules": "serotiny.datamodules",
    "Loaders": "serotiny.io.dataframe.loaders",
    "Callbacks": "serotiny.callbacks",
}
"""Where the classes lie that a config names."""

_WORDS = {"None": "null", "True": "true", "False": "false"}

_ABOUT = """# What is built in

What a config may name of serotiny itself. Each page has what the class is, its parameters and a block to copy
(`serotiny config PATH` prints it too). `make docs` writes these pages from the source.
"""


def pages() -> dict[str, str]:
    """The pages by their names in the folder; `README.md` lists the others."""
    reader = SignatureReader()
    written: dict[str, str] = {}
    index = [_ABOUT]
    for title, room in ROOMS.items():
        rows = []
        for path in _classes(room):
            signature = reader.read(path)
            assert not isinstance(signature, TargetNotFound), path
            name = f"{path.rpartition('.')[2]}.md"
            assert name not in written, name
            written[name] = _page(path, signature, reader)
            rows.append(f"| [{path}]({name}) | {_cell(signature.doc)} |")
        index.append("\n".join([f"## {title}", "", "| path | what it is |", "|---|---|", *rows, ""]))
    return {"README.md": "\n".join(index), **written}


def _classes(room: str) -> list[str]:
    """The classes of a module that a config can build."""
    module = import_module(room)
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", None) == room
    ]
    return sorted(
        f"{room}.{name}"
        for name in names
        if inspect.isclass(getattr(module, name)) and not inspect.isabstract(getattr(module, name))
    )


def _page(path: str, signature: TargetSignature, reader: SignatureReader) -> str:
    room, _, name = path.rpartition(".")
    document = inspect.getdoc(getattr(import_module(room), name)) or ""
    about = document.partition("\nArgs:\n")[0].partition("\nRaises:\n")[0].strip()
    parts = [f"# `{path}`", _in_yaml(about), *_table(signature)]
    logged = [f"`{name}`" for name in reader.logged_metrics(path).names] if _logs(signature) else []
    if logged:
        parts.append(f"Metrics that may be monitored: {', '.join(logged)}.")
    parts.append(f"```yaml\n{config_block(path, signature)}```")
    return "\n\n".join(parts) + "\n"


def _logs(signature: TargetSignature) -> bool:
    return any(base.endswith(".LightningModule") for base in signature.bases)


def _table(signature: TargetSignature) -> Iterator[str]:
    named = [parameter for parameter in signature.parameters if parameter.by_name]
    if named:
        rows = ["| parameter | type | default | |", "|---|---|---|---|", *map(_row, named)]
        yield "\n".join(rows)


def _row(parameter: Parameter) -> str:
    default = "required" if parameter.required else ""
    if parameter.default is not None:
        default = f"`{_WORDS.get(parameter.default.text, parameter.default.text)}`"
    kind = "" if parameter.type == ANY else str(parameter.type)
    return f"| `{parameter.name}` | {_cell(kind)} | {_cell(default)} | {_cell(parameter.description)} |"


def _cell(text: str) -> str:
    return _in_yaml(" ".join(text.split())).replace("|", "\\|")


def _in_yaml(text: str) -> str:
    """A docstring's text for somebody who writes YAML."""
    return text.replace("`None`", "`null`").replace("`True`", "`true`").replace("`False`", "`false`")


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for file, text in pages().items():
        (FOLDER / file).write_text(text, "utf-8")
