"""What is wrong with the key of an argument, or with one that has no value."""

from __future__ import annotations

import re

from serotiny.compiler.overrides.quoting import for_shell, is_key, reads
from serotiny.compiler.overrides.unreadable.fault import FORMS, not_an_override
from serotiny.diagnostics import Diagnostic


def without_equals(text: str) -> Diagnostic:
    """SER106 for an argument without `=`."""
    found = re.fullmatch(r"([+~]*[\w./@]+)\s*:\s*(\S.*)", text)
    whole = (1, max(2, len(text) + 1))
    if not text.strip("+~@ "):
        return not_an_override(text, "it names no key", whole, FORMS)
    deleted = re.fullmatch(r"[+~!]*~[+~!\s]*@?([\w./@]+)", text.strip())
    if deleted is not None and reads(deletion := f"~{deleted[1]}"):
        return not_an_override(
            text, "`~` stands once, right before a key or group", whole, f"write `{for_shell(deletion)}`"
        )
    if found and reads(f"{found[1]}={found[2]}"):
        return not_an_override(text, "`:` stands where `=` belongs", whole, f"write `{found[1]}={found[2]}`")
    if named := re.fullmatch(r"(?:.*?/)??(?:([\w-]+)/)?([\w-]+)\.ya?ml", text.strip()):
        group = named[1] if named[1] and named[1] not in ("config", "configs", "conf") else "GROUP"
        fix = f"an option is chosen by its group, without the ending: `{group}={named[2]}`"
        return not_an_override(text, "it is a file's name", whole, fix)
    group, slash, option = text.strip().rpartition("/")
    if slash and "." not in text and reads(choice := f"{group}={option}"):
        return not_an_override(
            text, "it gives no value", whole, f"write `{choice}` to choose that option of a group"
        )
    if is_key(text.strip()):
        return not_an_override(
            text, "it gives no value", whole, f"write `{text.strip()}=VALUE`, without spaces around `=`"
        )
    return not_an_override(text, "it has no `=`", whole, FORMS)


def bad_key(text: str, key: str, value: str) -> Diagnostic:
    """SER106 for an argument whose key Hydra's grammar refuses."""
    dotted = key.replace("/", ".")
    if dotted != key and is_key(dotted):
        fix = f"write `{dotted}={value}`: a slash leads to the options of a group, a dot into values"
        return not_an_override(text, "its key has both `/` and `.`", (1, len(key) + 1), fix)
    if text[0] in "'\"" and text[-1] == text[0] and reads(text[1:-1]):
        fix = f"take its quotes out: write `{for_shell(text[1:-1])}`"
        return not_an_override(text, "it stands in quotes", (1, len(text) + 1), fix)
    if re.search(r"\.-\d+(?:\.|$)", key):
        fix = "elements of a list are counted from 0, from its front"
        return not_an_override(text, f"`{key}` is no key", (1, len(key) + 1), fix)
    if key[-1] in "+-" and is_key(key[:-1]):
        fix = f"give the whole list, `{key[:-1]}=[…]`"
        return not_an_override(text, f"`{key[-1]}=` does not add to a value", (1, len(key) + 2), fix)
    plain = re.sub(r"\[['\"]?(\w+)['\"]?\]", r".\1", re.sub(r"\.\.+", ".", key.lstrip("-")).strip("./"))
    if plain != key and is_key(plain):
        fix = f"write `{for_shell(f'{plain}={value}')}`"
        return not_an_override(text, f"`{key}` is no key", (1, len(key) + 1), fix)
    sign = next((sign for sign in key.lstrip("+~") if not re.match(r"[\w./@\-\[\]:$]", sign, re.ASCII)), None)
    if sign is None:
        return not_an_override(text, f"`{key}` is no key", (1, max(2, len(key) + 1)), FORMS)
    at = key.index(sign) + 1
    fix = "set it in a file: overrides have keys of the letters a to z alone" if sign.isalpha() else FORMS
    return not_an_override(text, f"`{sign}` cannot stand in a key", (at, at + 1), fix)
