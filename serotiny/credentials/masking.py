"""Find credentials by their form, and replace them by `***`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MASK = "***"

# RFC 3986 userinfo: everything between `//` and the last `@` of the authority. A password with a raw `/` is not
# a valid URI, but drivers print it as it was given, so `/` is allowed where a `:` has opened a password; digits
# and a `/` after the `:` are a port. Hydra escapes colons in the overrides that its sweepers write anew.
_USERINFO = re.compile(
    r"""://(?P<userinfo>[^\s/?\#'"<>@:]{0,512}:(?!\d{1,6}[/?\#])[^\s'"<>]{0,4096}(?=@)|[^\s/?\#'"<>:]{1,4096}(?=@))@""",
)
_SCHEME = re.compile(r"(?<=[A-Za-z0-9+.\-\\])://")
_RUN = re.compile(r"""[^\s'"<>]+""")
_LONGEST = 4700
"""Characters; no userinfo that `_USERINFO` matches is longer."""
_QUERY_SECRET = re.compile(
    r"(?P<key>[?&;](?:password|passwd|pwd|token|secret|api_?key|access_?key|sslpassword|sig)=)[^\s&;'\"]+",
    re.IGNORECASE,
)
_HEADER_SECRET = re.compile(r"(?P<key>\b(?:Basic|Bearer)\s+)[A-Za-z0-9._~+/=\-]{6,}")


def mask_credentials(text: str) -> str:
    """`text` with the credentials in its URIs, query strings and authorisation headers replaced by `***`.

    The user's name goes as well: tokens are often written in its place. Masking twice changes nothing.
    """
    return mask_spans(text, credential_spans(text)).text


def credential_spans(text: str) -> list[tuple[int, int]]:
    """Where credentials stand in URIs, query strings and authorisation headers."""
    spans = [*userinfo_spans(text)]
    for pattern in (_QUERY_SECRET, _HEADER_SECRET):
        spans += [(found.end("key"), found.end()) for found in pattern.finditer(text)]
    return spans


def userinfo_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where names and passwords stand in the URIs of a text."""
    if "://" not in text or "@" not in text:
        return
    for run in _RUN.finditer(text):
        last = text.rfind("@", run.start(), run.end())
        end = run.start()
        for start in _SCHEME.finditer(text, run.start(), last if last >= 0 else run.start()):
            # without an `@` within reach there is no userinfo, and trying the pattern takes minutes on a long line
            if start.start() >= end and text.find("@", start.end(), start.end() + _LONGEST) >= 0:
                found = _USERINFO.match(text, start.start(), run.end())
                if found is not None:
                    yield found.span("userinfo")
                    end = found.end()


@dataclass(frozen=True)
class MaskedText:
    """A text with some of it replaced by `***`.

    Attributes:
        text: what may be shown.
        spans: what was replaced, as offsets in the original; sorted, with no two touching.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()

    def at(self, position: int) -> int:
        """The offset in `text` of an offset in the original; within a replaced span, where its mask starts."""
        shift = 0
        for start, end in self.spans:
            if position <= start:
                break
            shift += len(MASK) - (end - start) if position >= end else start - position
        return position + shift


def mask_spans(text: str, spans: Iterable[tuple[int, int]]) -> MaskedText:
    """`text` with spans of it replaced by `***`; those that overlap or touch are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    shown, last = "", 0
    for start, end in merged:
        shown += text[last:start] + MASK
        last = end
    return MaskedText(shown + text[last:], tuple(merged))
