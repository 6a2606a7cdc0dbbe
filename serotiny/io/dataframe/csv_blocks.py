"""A CSV file in blocks of lines that threads parse side by side, as pyarrow's reader of a stream does not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from serotiny.io.dataframe.cells import reading_threads

BLOCK_BYTES = 1 << 20
"""What is parsed at a time."""


class UnevenError(Exception):
    """A line is longer than a block, or ends within quotes."""


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
    blocks = _blocks(path)
    first = pyarrow.csv.read_csv(
        pa.py_buffer(next(blocks)), read_options=read_options, convert_options=convert_options
    )
    yield first
    read_options = pyarrow.csv.ReadOptions(
        column_names=list(header), use_threads=False, block_size=BLOCK_BYTES
    )
    convert_options.column_types = first.schema

    def parsed(block: bytes) -> pa.Table:
        return pyarrow.csv.read_csv(
            pa.py_buffer(block), read_options=read_options, convert_options=convert_options
        )

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
        UnevenError: as above. Quotes that are doubled within quotes are an even number, too.
    """
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            rest = b"" if block.endswith(b"\n") else file.readline(BLOCK_BYTES)
            if len(rest) == BLOCK_BYTES or (block.count(b'"') + rest.count(b'"')) % 2:
                raise UnevenError
            yield block + rest
