"""Limits of configs and calls that keep any input from taking all time or memory; beyond them there is a diagnostic."""

from __future__ import annotations

from typing import Final

from serotiny import plain_yaml

MAX_FILE_BYTES: Final = 1_000_000
"""Bytes of a config, an editor's text of one, or a `pyproject.toml`."""

MAX_DEPTH: Final = plain_yaml.MAX_DEPTH
"""Levels of nesting in a job, those of packages, aliases and interpolations among them, and of a dotted key in a `pyproject.toml`."""

MAX_NODES: Final = 50_000
"""Values of a config, and of all configs of one job, keys among them, those of an alias counted as often as it stands there."""

MAX_STORED_VALUES: Final = 20_000
"""Values of the model, or the data module, of a stored config, of which OmegaConf reads ten thousand a second."""

MAX_SOURCE_BYTES: Final = 8_000_000
"""Bytes of a Python file that is read."""

MAX_FOLDER_ENTRIES: Final = 50_000
"""Files and folders in a folder of configs, at all levels."""

MAX_JOB_VALUES: Final = 50_000
"""Values of one job, those that its interpolations insert among them, each counted as often as it is inserted."""

MAX_PROJECT_VALUES: Final = 300_000
"""Values of all configs of a project that are read, their keys among them."""

MAX_INTERPOLATED_TEXT: Final = 1_000_000
"""Characters of one text with its interpolations evaluated."""

MAX_SWEEP_VALUES: Final = 10_000
"""Values of one argument of a sweep."""

MAX_FAULTS: Final = 1_000
"""Faults of one job that are reported."""

MAX_DEFAULTS: Final = 256
"""Entries of one defaults list."""

MAX_CONFIGS: Final = 2_000
"""Configs that the defaults lists of one job come to, each counted as often as it is asked for."""

MAX_DEFAULTS_DEPTH: Final = 200
"""Configs of which each includes the next one; deeper ones count as without end."""

MAX_DEFAULTS_FAULTS: Final = 40
"""Faults of the defaults lists of one job that are looked for, one by one."""

MAX_TRIALS: Final = 200
"""Expansions of the defaults lists of one job that are tried to find what is at fault in them."""

MAX_GRAMMAR_TEXTS: Final = 2_000
"""Texts of one job with resolvers, each of which takes the grammar a millisecond; plain keys have no limit."""

MAX_INTERPOLATION_LENGTH: Final = 10_000
"""Characters of a text that OmegaConf's grammar has to read; plain keys in plain text have no limit."""

MAX_INTERPOLATION_DEPTH: Final = 32
"""Levels of nested interpolations in one text."""

MAX_OVERRIDE_LENGTH: Final = 20_000
"""Characters of an override."""

MAX_CALL_LENGTH: Final = 40_000
"""Characters of all overrides of a call, those of a sweep that its config describes among them."""

MAX_GLOB_PATTERNS: Final = 1_000
"""Patterns of a `glob(…)`."""

MAX_OVERRIDE_DEPTH: Final = MAX_DEPTH
"""Steps of an override's key and levels of nesting in its value, together."""

MAX_SWEEP_JOBS: Final = 10_000
"""Jobs of one sweep."""

MAX_CONFIG_NAME: Final = 1_000
"""Characters of a config's name in a defaults list."""

MAX_TAGS: Final = 1_000
"""Tags that `mlflow.tags` sets on a run."""

MAX_PROCESSES: Final = 1_000
"""Processes, or nodes, that a launcher, a sweeper, a trainer or a loader is asked for at a time."""

MAX_FOLDERS_BESIDE: Final = 12
"""Folders of configs of a repository, beside the first one, that are checked together with it."""

TOO_MANY_VALUES: Final = "put what is large into a data file, and name that"
"""What to do where a limit of values is exceeded."""
