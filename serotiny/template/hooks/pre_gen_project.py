"""Refuse a package name that Python, pip or the project's own folders could not live with."""

import keyword
import re
import sys

name = {{ cookiecutter.package_name|tojson }}
taken = {"data", "tests", "serotiny"} | sys.stdlib_module_names

if not re.fullmatch(r"[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?", name):
    sys.exit(f"`{name}` is not a package name: use letters, digits and underscores, and begin with a letter")
if keyword.iskeyword(name) or keyword.issoftkeyword(name):
    sys.exit(f"`{name}` is a word of Python's grammar and cannot name a package")
if name in taken:
    sys.exit(f"`{name}` would hide another module or folder of that name")
