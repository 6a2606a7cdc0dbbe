"""Neovim: a project-local `.nvim.lua` (`:help exrc`) that configures `yamlls`."""

from __future__ import annotations

import json
import re

from serotiny.cli.editor_wiring.vscode import YAML_VERSION

FILE = ".nvim.lua"

_BEGIN = "-- serotiny schemas: begin (written by `serotiny schema export --editor neovim`)"
_END = "-- serotiny schemas: end"
_BLOCK = re.compile(
    r"^-- serotiny schemas: begin.*?^-- serotiny schemas: end[^\n]*\n?", re.DOTALL | re.MULTILINE
)


def with_schemas(text: str, globs: dict[str, list[str]]) -> str:
    """The file with our block in it, in place of an older one; everything else stays."""
    block = _block(globs)
    if _BLOCK.search(text):
        return _BLOCK.sub(lambda _: block, text, count=1)
    separator = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{separator}{block}"


def _block(globs: dict[str, list[str]]) -> str:
    rows = "".join(
        f"      [serotiny_schema({_lua(schema)})] = {{ {', '.join(map(_lua, patterns))} }},\n"
        for schema, patterns in globs.items()
    )
    return (
        f"{_BEGIN}\n"
        'local serotiny_root = vim.fs.root(vim.fn.getcwd(), ".nvim.lua") or vim.fn.getcwd()\n'
        "local function serotiny_schema(path)\n"
        "  return vim.uri_from_fname(vim.fs.joinpath(serotiny_root, path))\n"
        "end\n"
        'vim.lsp.config("yamlls", {\n'
        "  settings = {\n"
        "    yaml = {\n"
        f'      yamlVersion = "{YAML_VERSION}",\n'
        "      schemas = {\n" + rows.replace("      [", "        [") + "      },\n"
        "    },\n"
        "  },\n"
        "})\n"
        f"{_END}\n"
    )


def _lua(text: str) -> str:
    """A Lua string; JSON's escapes of quotes and backslashes are Lua's too."""
    return json.dumps(text, ensure_ascii=False)
