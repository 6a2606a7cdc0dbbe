"""Take out the bytecode that pip compiles of a package's data: it is of this folder's files, not of the project's."""

import shutil
from pathlib import Path

for folder in [*Path().rglob("__pycache__")]:
    shutil.rmtree(folder)
