"""What it takes from another one."""

from study.patched import *  # noqa: F403 - the case
from study.sizes import *  # noqa: F403 - the case
