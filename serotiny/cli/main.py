"""The command line: arguments in, exit status out.

Until it is known that no remembered answer holds, only the standard library is imported.
"""

from __future__ import annotations

import os
import sys

from serotiny.cache.verdict import recall, remember
from serotiny.cli.completion import VARIABLE
from serotiny.collector import collect_never, collect_rarely

TYPE_CHECKING = False
if TYPE_CHECKING:
    from serotiny.cache.parts import Parts

_COLLECT_AS_USUAL = frozenset({"lsp", "new"})
"""Commands that go on with other people's code, or for hours; those that run a job change to it before they build it."""

_COLLECT_NEVER = frozenset({"check", "compile"})
"""Commands that end soon."""

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 nothing wrong; 1 the configuration has errors; 2 the call or the environment is wrong;
        3 the job itself failed; 130 it was interrupted.
    """
    given = _options_first(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except KeyboardInterrupt:
        from serotiny.schemas.names import OPERATIONS

        begins = _command(given) in OPERATIONS
        end = "interrupted before a job began: the same command starts it" if begins else "aborted"
        print(end, file=sys.stderr)
        return _INTERRUPTED


def _run(given: list[str]) -> int:
    if VARIABLE in os.environ:
        from serotiny.cli.completion.answer import answer

        return answer(given)
    if (status := recall(given)) is not None:
        return status

    def run(parts: Parts | None) -> int:
        command = _command(given)
        if command in _COLLECT_NEVER:
            collect_never()
        elif command not in _COLLECT_AS_USUAL:
            collect_rarely()
        from serotiny.cli.dispatch import dispatch

        return dispatch(given, parts)

    return remember(given, run)


def _command(arguments: list[str]) -> str | None:
    return next((text for text in arguments if not text.startswith("-")), None)


def _options_first(arguments: list[str]) -> list[str]:
    """The arguments with `--verbose` and `--quiet` moved to the front, so that they may be given anywhere."""
    options = [text for text in arguments if text in ("--verbose", "--quiet")]
    return [*dict.fromkeys(options), *(text for text in arguments if text not in options)]


if __name__ == "__main__":
    sys.exit(main())
