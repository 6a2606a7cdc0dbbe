"""Credentials never reach a screen, a log or a store."""

from __future__ import annotations

import re

MASK = "***"

# RFC 3986 userinfo: everything between `//` and the last `@` of the authority. A password with a raw `/` is not
# a valid URI, but drivers print it as it was given, so `/` is allowed where a `:` has opened a password; digits
# and a `/` after the `:` are a port.
_USERINFO = re.compile(
    r"""(?P<scheme>\b[a-z][a-z0-9+.\-]*://)(?P<userinfo>[^\s/?\#'"<>@:]*:(?!\d+[/?\#])[^\s'"<>]*(?=@)|[^\s/?\#'"<>:]+(?=@))@""",
    re.IGNORECASE,
)
_QUERY_SECRET = re.compile(
    r"(?P<key>[?&;](?:password|passwd|pwd|token|secret|api_?key|access_?key|sslpassword|sig)=)[^\s&;'\"]+",
    re.IGNORECASE,
)
_HEADER_SECRET = re.compile(r"(?P<key>\b(?:Basic|Bearer)\s+)[A-Za-z0-9._~+/=\-]{6,}")


def mask_credentials(text: str) -> str:
    """`text` with the credentials in its URIs, query strings and authorisation headers replaced by `***`.

    The user's name goes as well: tokens are often written in its place. Masking twice changes nothing.
    """
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _QUERY_SECRET.sub(rf"\g<key>{MASK}", text)
    return _HEADER_SECRET.sub(rf"\g<key>{MASK}", text)


def has_credentials(uri: str) -> bool:
    """Whether masking would change `uri`."""
    return mask_credentials(uri) != uri
