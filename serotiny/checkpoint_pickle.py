"""Judge the pickle of a checkpoint by its opcodes, without torch, before anything is made of it."""

from __future__ import annotations

import pickle
import re
import sys
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from pathlib import Path
from typing import Final, NamedTuple

from serotiny.checkpoint_archive import ArchiveError, open_archive

NOT_PLAIN: Final = "holds objects that are not plain data and is not read"
_MAX_OPCODES: Final = 1_000_000
_BYTES_OF_AN_OPCODE: Final = 8
"""What the files of many tensors have at least, the tensors among it; those of more bytes may have more opcodes."""
_MAX_DEPTH: Final = 500
_MAX_LARGE_NUMBERS: Final = 10_000
"""Integers of 8 bytes and more: as keys of a dictionary any number of them may have the same hash."""

_MODULES_OF_DATA: Final = frozenset(
    [
        "argparse",
        "array",
        "collections",
        "copyreg",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "ipaddress",
        "pathlib",
        "types",
        "typing",
        "uuid",
        "zoneinfo",
    ]
)
"""Of Python's own library, what a project may have allowed torch by `add_safe_globals`, or hyperparameters hold."""
_BUILTINS_OF_DATA: Final = frozenset(
    [
        *("bool", "bytes", "complex", "dict", "float", "frozenset", "int"),
        *("list", "object", "range", "set", "slice", "str", "tuple"),
    ]
)
_CODEC: Final = ("_codecs", "encode")
"""By which a pickle of protocol 2 makes bytes of a text, in the encoding `latin1`; others take their time."""


class _Item(NamedTuple):
    """What is known of an object on the stack: how deep it is, and a short text that it is or ends with."""

    depth: int = 0
    text: str | tuple[str, str] = ""


_PLAIN: Final = _Item()
_EMPTY: Final = frozenset(b"N\x88\x89)]}\x8f")
_BYTES: Final = {ord("J"): 4, ord("K"): 1, ord("M"): 2, ord("G"): 8}
_LENGTHS: Final = {ord("X"): 4, ord("U"): 1, 0x8A: 1}
_GETS: Final = {ord("h"): 1, ord("j"): 4}
_PUTS: Final = {ord("q"): 1, ord("r"): 4}
_TUPLES: Final = {0x85: 1, 0x86: 2, 0x87: 3}
_SHORT: Final = 40
_LARGE_BYTES: Final = 8
_LONGEST_SHOWN: Final = 200
_GLOBAL: Final = re.compile(rb"([^\n]*)\n([^\n]*)\n")


def fault_of_checkpoint(file: Path) -> str | None:
    """Why torch cannot or must not read a file, as far as its opcodes tell; None where nothing is seen.

    Classes of packages are torch's to judge, which knows those that a project has allowed.
    """
    try:
        with open_archive(file) as archive:
            most = max(_MAX_OPCODES, file.stat().st_size // _BYTES_OF_AN_OPCODE)
            for part in archive.infolist():
                if not part.filename.lower().endswith("/data.pkl"):
                    continue
                if (fault := _fault_of(archive.read(part), most)) is not None:
                    return fault
    except ArchiveError as error:
        return str(error)
    return None


def _fault_of(data: bytes, most_opcodes: int) -> str | None:
    try:
        return _Reading(data).fault(most_opcodes)
    except (IndexError, KeyError):
        return "is not a whole checkpoint: its pickle is damaged"


class _Reading:
    """A pickle of the opcodes that torch knows, followed as torch would follow it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._stack: list[_Item] = []
        self._marked: list[list[_Item]] = []
        self._memo: dict[int, _Item] = {}
        self._large_numbers = 0

    def fault(self, most_opcodes: int) -> str | None:
        """What is wrong with it.

        Raises:
            IndexError, KeyError: it takes what is not there.
        """
        data = self._data
        for _ in range(most_opcodes):
            code = data[self._at]
            self._at += 1
            if code == pickle.STOP[0]:
                return None
            fault = self._global() if code == pickle.GLOBAL[0] else self._step(code)
            if fault is not None:
                return fault
        return f"holds more than {most_opcodes:,} parts and is not read"

    def _step(self, code: int) -> str | None:
        stack = self._stack
        if code in _EMPTY:
            stack.append(_PLAIN)
        elif code in _PUTS:
            self._memo[self._number(_PUTS[code])] = stack[-1]
        elif code in _GETS:
            stack.append(self._memo[self._number(_GETS[code])])
        elif code in _LENGTHS:
            return self._sized(code)
        elif code in _BYTES:
            self._at += _BYTES[code]
            stack.append(_PLAIN)
        elif code in _TUPLES:
            items = [stack.pop() for _ in range(_TUPLES[code])]
            return self._tuple(items[::-1])
        elif code == pickle.MARK[0]:
            self._marked.append(stack)
            self._stack = []
        elif code in b"tue":
            items, self._stack = stack, self._marked.pop()
            return self._tuple(items) if code == pickle.TUPLE[0] else self._fill(items)
        elif code in b"as":
            items = [stack.pop() for _ in range(1 if code == pickle.APPEND[0] else 2)]
            return self._fill(items)
        elif code in b"Rb\x81":
            items = [stack.pop()]
            called = stack[-1].text
            if called == _CODEC and items[0].text != "latin1":
                return f"{NOT_PLAIN}: `_codecs.encode`"
            if code in b"R\x81" and _takes_its_size_from_a_number(called):
                return f"{NOT_PLAIN}: a call of `{'.'.join(called)}`"
            return self._fill(items)
        elif code == pickle.BINPERSID[0]:
            stack[-1] = _PLAIN
        elif code == pickle.PROTO[0]:
            self._at += 1
        else:
            return f"is not a whole checkpoint: its pickle has the opcode 0x{code:02x}"
        return None

    def _tuple(self, items: list[_Item]) -> str | None:
        depth = max((item.depth for item in items), default=0) + 1
        self._stack.append(_Item(depth, items[-1].text if items else ""))
        return _fault_of_depth(depth)

    def _fill(self, items: list[_Item]) -> str | None:
        """Put items into what is on top of the stack, or call it with them."""
        depth = max((item.depth + 1 for item in items), default=0)
        self._stack[-1] = _Item(max(depth, self._stack[-1].depth))
        return _fault_of_depth(depth)

    def _number(self, size: int) -> int:
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "little")

    def _sized(self, code: int) -> str | None:
        """A text or a large integer, whose length precedes it."""
        length = self._number(_LENGTHS[code])
        text = ""
        if code == pickle.LONG1[0]:
            self._large_numbers += length >= _LARGE_BYTES
            if self._large_numbers > _MAX_LARGE_NUMBERS:
                return f"holds more than {_MAX_LARGE_NUMBERS:,} large numbers and is not read"
        elif length <= _SHORT:
            text = self._data[self._at : self._at + length].decode("latin-1")
        self._at += length
        self._stack.append(_Item(0, text))
        return None

    def _global(self) -> str | None:
        found = _GLOBAL.match(self._data, self._at)
        if found is None:
            raise IndexError(self._at)
        self._at = found.end()
        names = (found[1].decode("latin-1"), found[2].decode("latin-1"))
        # as torch does, which reads names of Python 2
        module, name = NAME_MAPPING.get(names, (IMPORT_MAPPING.get(names[0], names[0]), names[1]))
        self._stack.append(_Item(0, (module, name)))
        if _is_refused(module, name):
            path = f"{module}.{name}"
            shown = "".join(letter if letter.isprintable() else " " for letter in path[:_LONGEST_SHOWN])
            return f"{NOT_PLAIN}: `{shown}`"
        return None


def _is_refused(module: str, name: str) -> bool:
    """Whether torch refuses it, or would make as much of it as a number says (`bytearray`)."""
    if module == "builtins":
        return name not in _BUILTINS_OF_DATA
    root = module.partition(".")[0]
    return root in sys.stdlib_module_names and (module, name) != _CODEC and root not in _MODULES_OF_DATA


def _takes_its_size_from_a_number(called: str | tuple[str, str]) -> bool:
    """Whether torch would make as large a tensor or storage as it is told; those of a checkpoint are filled from its parts."""
    if isinstance(called, str):
        return False
    module, name = called
    return module.partition(".")[0] == "torch" and name.endswith(("Tensor", "Storage"))


def _fault_of_depth(depth: int) -> str | None:
    return f"is nested deeper than {_MAX_DEPTH} levels and is not read" if depth > _MAX_DEPTH else None
