"""A CSV file in blocks of lines that threads parse side by side, as pyarrow's reader of a stream does not."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from serotiny.io.dataframe.cells import reading_threads

BLOCK_BYTES = 1 << 20
"""What is parsed at a time."""

_IS_BEFORE_TEXT = np.isin(np.arange(256), list(b',\r\n"'))
"""Whether a quoted text, or its rest after a quote in it, may begin after a byte."""


class UnevenError(Exception):
    """A line is longer than a block, or may end within quotes, or a block would begin with what a reader skips."""


def parsed_blocks(
    path: Path,
    read_options: pyarrow.csv.ReadOptions,
    convert_options: pyarrow.csv.ConvertOptions,
    header: Sequence[str],
) -> Iterator[pa.Table]:
    """The cells of each block in order, with the types of the first one.

    Args:
        path: The file.
        read_options: Of the first block, in which the header is.
        convert_options: Of all blocks; types that they do not give are set to those of the first block.
        header: The names of all columns.

    Raises:
        UnevenError: the file cannot be divided at the ends of lines.
        pa.ArrowException: a block cannot be parsed; the rows of the message are counted from its start.
        OSError: the file cannot be read.
    """

    def parsed(block: bytes) -> pa.Table:
        if not _ends_outside_quotes(block):
            raise UnevenError
        return pyarrow.csv.read_csv(
            pa.py_buffer(block), read_options=read_options, convert_options=convert_options
        )

    blocks = _blocks(path)
    first = parsed(next(blocks))
    yield first
    # a block with its last line at once, which pyarrow would convert as a second block of that one line
    read_options = pyarrow.csv.ReadOptions(
        column_names=list(header), use_threads=False, block_size=2 * BLOCK_BYTES
    )
    convert_options.column_types = first.schema
    yield from _in_threads(parsed, blocks)


def _in_threads(work: Callable[[bytes], pa.Table], blocks: Iterator[bytes]) -> Iterator[pa.Table]:
    """What the work gives for each block, in order; a few blocks are ahead."""
    number = reading_threads()
    waiting: deque[Future[pa.Table]] = deque()
    with ThreadPoolExecutor(number) as threads:
        for block in blocks:
            waiting.append(threads.submit(work, block))
            if len(waiting) > number:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _blocks(path: Path) -> Iterator[bytes]:
    """The file, divided at the ends of lines.

    Raises:
        UnevenError: a line is longer than a block, or a block would begin with what a reader skips.
    """
    with path.open("rb") as file:
        start = file.read(len(codecs.BOM_UTF8))
        start = b"" if start == codecs.BOM_UTF8 else start
        while block := start + file.read(BLOCK_BYTES - len(start)):
            rest = b"" if block.endswith(b"\n") else file.readline(BLOCK_BYTES)
            lines = block + rest
            if len(rest) == BLOCK_BYTES or lines.startswith(codecs.BOM_UTF8):
                raise UnevenError
            yield lines
            start = b""


def _ends_outside_quotes(lines: bytes) -> bool:
    """Whether that is sure: quotes are even in number, and each one that would begin a quoted text is where one begins."""
    if b'"' not in lines:
        return True
    characters = np.frombuffer(lines, np.uint8)
    quotes = np.flatnonzero(characters == ord('"'))
    beginning = quotes[::2]
    before = characters[beginning[beginning > 0] - 1]
    return len(quotes) % 2 == 0 and bool(_IS_BEFORE_TEXT[before].all())
