"""The command line: arguments in, exit status out.

Until it is known that no remembered answer holds, only the standard library is imported.
"""

from __future__ import annotations

import gc
import os
import sys

from serotiny.cache.verdict import recall, remember
from serotiny.cli.completion import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from serotiny.cache.parts import Parts

_LAST_LONG = frozenset({"train", "test", "predict", "rehearse", "lsp", "new"})
"""Commands that go on with other people's code, or for hours."""

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 nothing wrong; 1 the configuration has errors; 2 the call or the environment is wrong;
        3 the job itself failed.
    """
    given = _options_first(sys.argv[1:] if arguments is None else arguments)
    if VARIABLE in os.environ:
        from serotiny.cli.completion.answer import answer

        return answer(given)
    if (status := recall(given)) is not None:
        return status

    def run(parts: Parts | None) -> int:
        if not _is_long(given):
            # imports make many objects and no garbage; what looks for it each 700 objects finds none
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        from serotiny.cli.dispatch import dispatch

        return dispatch(given, parts)

    return remember(given, run)


def _is_long(arguments: list[str]) -> bool:
    words = (text for text in arguments if not text.startswith("-"))
    return next(words, None) in _LAST_LONG


def _options_first(arguments: list[str]) -> list[str]:
    """The arguments with `--verbose` and `--quiet` moved to the front, so that they may be given anywhere."""
    options = [text for text in arguments if text in ("--verbose", "--quiet")]
    return [*dict.fromkeys(options), *(text for text in arguments if text not in options)]


if __name__ == "__main__":
    sys.exit(main())
