"""Find credentials in a config: a password in a URI, or a value under a key such as `password`."""

from __future__ import annotations

import re
from typing import Any, Final

from serotiny.credentials.masking import (
    MASK,
    MaskedText,
    credential_spans,
    mask_credentials,
    mask_spans,
    userinfo_spans,
)

# a name with `token` must also say what the token opens: `pad_token` and the like belong to a vocabulary
_WORD: Final = r"(?:[a-z0-9]+[_\-])*"
_PASSWORD_NAME: Final = re.compile(
    _WORD
    + r"(?:[a-z]{0,16}password|passwd|pwd|passphrase|secret|credentials?|secret_key_base"
    + r"|(?:account|api|access|secret|private|auth|encryption|fernet|signing)[_\-]?key"
    + r"|(?:admin|db|database|ftp|ldap|mail|mongo|mysql|pg|postgres|proxy|redis|root|smtp|user)[_\-]pass"
    + r"|(?:ado|azure|bitbucket|devops|gh|github|gitlab)[_\-]pat"
    + r")(?:[_\-]?\d{1,3})?",
    re.IGNORECASE,
)
_TOKEN_NAME: Final = re.compile(
    _WORD
    + r"(?:access|api|app|auth|bearer|bot|client|deploy|jwt|oauth|personal|refresh|security|service|session|secret|webhook"
    + r"|clearml|comet|discord|gh|github|gitlab|hf|mlflow|neptune|npm|pypi|slack|telegram|wandb)[_\-]?token(?:[_\-]?\d{1,3})?"
    + r"|token",
    re.IGNORECASE,
)
# variables of the environment are written so, and of those a token opens something, unless it is of a vocabulary
_TOKEN_VARIABLE: Final = re.compile(r"(?:[A-Z0-9]+_)*TOKEN(?:_?[0-9]{1,3})?")
_VOCABULARY: Final = re.compile(
    r"(?:.*_)?(?:BEGIN|BLANK|BOS|CLASS|CLS|END|EOS|EOT|FILL|FIRST|IMAGE|IMG|LAST|MASK|MAX|MIN|NEXT|NUM|PAD|PATCH|PROMPT"
    r"|QUERY|REGISTER|SEP|SOS|SPECIAL|START|STOP|TASK|UNK|UNKNOWN|USE|WITH|ADD|PER|DIST|DISTILL)_TOKEN(?:_?[0-9]{1,3})?"
)
_LONGEST_NAME: Final = 128
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_INTERPOLATION: Final = re.compile(r"\$\{[^{}]*\}")
# userinfo without a password is a user's name, unless it looks like an access token
_TOKEN_AS_NAME: Final = re.compile(r"[A-Za-z0-9_\-]{20,}")
_NOT_GIVEN: Final = re.compile(r"\s*|\?\?\?|\*+|<.*>|\[.*\]|null|~", re.DOTALL)
_WORD_ALONE: Final = re.compile(r"[A-Z]?[a-z]{1,20}(?:-[a-z]{1,20}){0,2}[.]?")
# the key by which something is accessed may be the name of a field: what opens something is no plain word
_FIELD_KEY: Final = re.compile(_WORD + r"(?:access|auth)[_\-]?key", re.IGNORECASE)
_FIELD_NAME: Final = re.compile(r"[a-z]{1,15}(?:_[a-z]{1,15}){0,3}")
# where a secret is kept is none, and no secret begins like a path and ends like the name of a file
_FILE: Final = re.compile(r"(?:~|\.{1,2})?(?:/[\w.\-]+)*/[\w\-]+\.[a-z]{1,5}")
_MASKED: Final = re.compile(r"\*\*\*|.*(?:://\*\*\*@|[?&;]\w+=\*\*\*|\b(?:Basic|Bearer) \*\*\*).*", re.DOTALL)

# a line of some megabytes must take no longer than it takes to read it: a repetition is bounded, or keeps what it
# has matched (`*+`) and is followed by nothing that may fail
_QUOTED: Final = r"""
    "(?:[^"\\]|\\.){0,4096}" | "(?:[^"\\]|\\.){4097,}+"? | '(?:[^']|\'\'){0,4096}' | '(?:[^']|\'\'){4097,}+'?"""
_ASSIGNED: Final = re.compile(
    r"""(?<![\w\-])(?P<key>[\w\-]{1,128})["']?\s{0,16}(?:=|:(?=\s))\s{0,64}
    (?P<value>"""
    + _QUOTED
    + r"""|[^\s,{}\[\]"'`\#$][^\s,{}\]`]*+)""",
    re.VERBOSE,
)
_IN_BRACES: Final = re.compile(
    r"""[{,]\s{0,16}["']?(?P<key>[\w\-]{1,128})["']?\s{0,16}:\s{0,16}
    (?P<value>"""
    + _QUOTED
    + r"""|[^\s,{}\[\]"'`\#$][^,{}\]`]*+)""",
    re.VERBOSE,
)
_WHOLE_LINE: Final = re.compile(
    r"""\s*(?:(?:-\s+)*["']?(?P<key>[\w\-]+)["']?\s*:\s+|\+{0,2}(?:[\w\-]+\.)*(?P<last>[\w\-]+)=)
    (?P<value>[^\s'"{\[|>&*!$\#].*)$""",
    re.VERBOSE,
)
_COMMENT: Final = re.compile(r"\s\#")


def credential_in(key: object, value: Any) -> str | None:
    """What kind of credential a value under a key is, in words for a message; None when it is none.

    Interpolations do not count: `https://me:${oc.env:PASSWORD}@host` holds no credential.
    """
    if isinstance(value, str):
        text = _INTERPOLATION.sub("", value)
        if _in_text(text):
            return "a credential in a URI or header"
        if names_secret(key) and _may_be_secret(key, text):
            return "a credential"
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and isinstance(key, str) and _PASSWORD_NAME.fullmatch(_in_words(key)):
        return "a credential"
    return None


def without_credential(key: object, value: Any) -> Any:
    """A scalar with any credential in it replaced by `***`."""
    if credential_in(key, value) is None:
        return value
    return MASK if names_secret(key) else mask_credentials(str(value))


def was_masked(value: Any) -> bool:
    """Whether `without_credential` has removed something from a scalar."""
    return isinstance(value, str) and _MASKED.fullmatch(value) is not None


def mask_source(text: str) -> MaskedText:
    """A line of a config, an override or a message with its literal credentials replaced by `***`."""
    spans = credential_spans(text)
    for pattern in (_ASSIGNED, _IN_BRACES):
        for found in pattern.finditer(text):
            if names_secret(found["key"]) and _may_be_secret(found["key"], found["value"].strip("\"'")):
                spans.append(found.span("value"))
    line = _WHOLE_LINE.match(text)
    key = (line["key"] or line["last"]) if line is not None else None
    if line is not None and names_secret(key):
        comment = _COMMENT.search(text, line.start("value"))
        end = comment.start() if comment is not None else len(text)
        value = text[line.start("value") : end].rstrip()
        if _may_be_secret(key, value):
            spans.append((line.start("value"), line.start("value") + len(value)))
    return mask_spans(text, spans)


def names_secret(key: object) -> bool:
    """Whether a key, or a variable of the environment, is called as credentials are."""
    if not isinstance(key, str):
        return False
    name = _in_words(key)
    if _PASSWORD_NAME.fullmatch(name) or _TOKEN_NAME.fullmatch(name):
        return True
    return _TOKEN_VARIABLE.fullmatch(name) is not None and _VOCABULARY.fullmatch(name) is None


def _in_words(key: str) -> str:
    """A key with its words apart, `clientSecret` as `client_Secret`; the end of one that is long."""
    return _HUMP.sub("_", key[-_LONGEST_NAME:])


def _may_be_secret(key: object, value: str) -> bool:
    """Whether what stands under a key that names a credential is given, and no name of a field or file."""
    if _NOT_GIVEN.fullmatch(value) or _FILE.fullmatch(_INTERPOLATION.sub("", value)):
        return False
    is_field = isinstance(key, str) and _FIELD_KEY.fullmatch(key) and _FIELD_NAME.fullmatch(value)
    return not is_field


def _in_text(text: str) -> bool:
    """Whether a text holds a password or a token; a user's name alone does not count."""
    users = [*userinfo_spans(text)]
    if any(_tells_password(text[slice(*span)]) for span in users):
        return True
    others = set(credential_spans(text)) - set(users)
    return not was_masked(text) and not all(_is_word(text, span) for span in others)


def _is_word(text: str, span: tuple[int, int]) -> bool:
    """Whether what would be the credential of a header is a word, as in `Basic settings`."""
    start, end = span
    return text[start - 1].isspace() and _WORD_ALONE.fullmatch(text, start, end) is not None


def _tells_password(userinfo: str) -> bool:
    _, colon, password = userinfo.partition(":")
    return bool(password) if colon else _TOKEN_AS_NAME.fullmatch(userinfo) is not None
