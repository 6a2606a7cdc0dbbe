"""Logging that Python would refuse when a job starts, compared with Python's own reading of it."""

from __future__ import annotations

import copy
import logging.config
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serotiny.schemas.rules.logging_settings import faults_of_logging

PLAIN: dict[str, Any] = {
    "version": 1,
    "formatters": {"simple": {"format": "%(message)s"}},
    "handlers": {"console": {"class": "logging.NullHandler", "formatter": "simple"}},
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {"study": {"level": "DEBUG"}},
    "disable_existing_loggers": False,
}
_FILE = [("handlers", "file")]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"root": {"level": "verbose"}}, [("root", "level")]),
        ({"root": {"handlers": ["screen"]}}, [("root", "handlers")]),
        ({"loggers": {"study": {"level": "info"}}}, [("loggers", "study", "level")]),
        (
            {"handlers": {"console": {"class": "logging.NullHandler", "level": "LOUD"}}},
            [("handlers", "console", "level")],
        ),
        (
            {"handlers": {"console": {"class": "logging.NullHandler", "formatter": "short"}}},
            [("handlers", "console", "formatter")],
        ),
        (
            {"handlers": {"console": {"class": "logging.NullHandler", "level": "cfg://root.level"}}},
            [],
        ),
        (
            {"handlers": {"console": {"class": "logging.StreamHandler", "stream": "cfg://streams.out"}}},
            [("handlers", "console", "stream")],
        ),
        (
            {"formatters": {"simple": {"format": "%(message)s", "datefmt": "cfg://root.handlers[3]"}}},
            [("formatters", "simple", "datefmt")],
        ),
        ({"loggers": {"study": {"level": "cfg://root.nothing"}}}, [("loggers", "study", "level")]),
        ({"handlers": {"console": {"class": "logging.NullHandler"}, "file": {"filename": "x.log"}}}, _FILE),
        ({"handlers": {"console": {"class": "logging.NullHandler"}, "file": None}}, _FILE),
        (
            {
                "handlers": {
                    "console": {"class": "logging.NullHandler"},
                    "file": {"class": "logging.FileHandler"},
                }
            },
            _FILE,
        ),
        ({"loggers": {"study": None}}, [("loggers", "study")]),
        ({"formatters": {"simple": {}, "short": None}}, [("formatters", "short")]),
        (
            {"handlers": {"console": {"class": "logging.NullHandler", "filters": ["own"]}}},
            [("handlers", "console", "filters")],
        ),
        ({"root": {"filters": ["own"]}}, [("root", "filters")]),
        ({"filters": {"own": {"name": "study"}}, "root": {"filters": ["own"]}}, []),
        ({"version": 2}, [("version",)]),
        ({"incremental": True}, []),
        (
            {
                "incremental": True,
                "handlers": {"nobodys": {"level": "INFO", "class": "logging.NullHandler"}},
                "root": {},
            },
            [("incremental",)],
        ),
        ({"root": {"handlers": "console"}}, [("root", "handlers")]),
        ({"formatters": {"simple": {"format": "{message}"}}}, [("formatters", "simple", "format")]),
        ({"formatters": {"simple": {"format": "{message}", "style": "{"}}}, []),
    ],
)
def test_what_python_refuses_of_a_logging_configuration_is_found(
    changed: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    """Each fault is at its value, and Python itself raises exactly where there is one."""
    config = {**PLAIN, **changed}
    found = [keys for keys, _, _ in faults_of_logging(config)]
    before = logging.getLogger().handlers[:], logging.getLogger().level
    of_hydra = logging.NullHandler()
    of_hydra.set_name("console")  # Python finds it by its name for as long as it is held
    try:
        logging.config.dictConfig(copy.deepcopy(config))
        raised = False
    except ValueError:
        raised = True
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)

    assert expected == found
    assert raised == bool(found)


_ODD: list[Any] = [
    None,
    3,
    2.5,
    True,
    "x",
    "",
    [],
    [1],
    ["console"],
    [{"b": 1}],
    {},
    {"a": 1},
    {"a": "x"},
    {"a": {}},
    {"console": {}},
]


@pytest.mark.parametrize("value", _ODD, ids=repr)
@pytest.mark.parametrize(
    "key",
    [
        *("root.level", "root.handlers", "root.filters", "loggers", "loggers.study", "loggers.study.level"),
        *(
            "handlers.console",
            "handlers.console.level",
            "handlers.console.formatter",
            "handlers.console.filters",
        ),
        *(
            "handlers.console.stream",
            "handlers.log.filename",
            "handlers.log.fielname",
            "handlers.held.capacity",
        ),
        *(
            "formatters",
            "formatters.simple",
            "formatters.simple.style",
            "formatters.simple.format",
            "filters",
        ),
        *("formatters.simple.validate", "disable_existing_loggers", "root.propagate"),
    ],
)
def test_what_python_refuses_of_a_value_of_another_form_is_found(
    key: str, value: Any, tmp_path: Path
) -> None:
    """Whatever stands at a key: where Python raises, there is a fault; an empty value that it passes over may be one."""
    config = copy.deepcopy(PLAIN)
    config["handlers"]["log"] = {
        "class": "logging.FileHandler",
        "filename": str(tmp_path / "a.log"),
        "delay": True,
    }
    config["handlers"]["held"] = {"class": "logging.handlers.MemoryHandler", "capacity": 3}
    *path, last = key.split(".")
    part = config
    for name in path:
        part = part[name]
    part[last] = value
    found = [*faults_of_logging(copy.deepcopy(config))]
    before = logging.getLogger().handlers[:], logging.getLogger().level
    raised: Exception | None = None
    try:
        logging.config.dictConfig(config)
    except (ValueError, TypeError, AttributeError) as error:
        raised = error
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)

    assert (raised is not None) == bool(found) or (not value and raised is None), (raised, found)


def test_configuration_without_a_root_is_found() -> None:
    """Hydra reads `root` in any case; null leaves it as it is."""
    rest = {key: value for key, value in PLAIN.items() if key != "root"}
    assert [()] == [keys for keys, _, _ in faults_of_logging(rest)]
    assert [] == [*faults_of_logging({**rest, "root": None})]


def test_nothing_is_said_of_what_hydra_does_not_read() -> None:
    """Without settings of the root logger it leaves all loggers as they are."""
    assert [] == [*faults_of_logging({**PLAIN, "root": None, "handlers": {"file": {"filename": "x.log"}}})]


def test_handler_of_a_module_that_nothing_has_imported_is_read() -> None:
    """`logging` alone has no `logging.handlers`, which a check does not import for anything else."""
    code = (
        "from serotiny.schemas.rules.logging_parts import faults_of_handler as faults; import sys;"
        "assert 'logging.handlers' not in sys.modules;"
        "print([keys for keys, *_ in faults(('log',), {'class': 'logging.handlers.RotatingFileHandler'})])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[('log',)]\n" == done.stdout


@pytest.mark.parametrize("name", ["StreamHandler", "handlers.RotatingFileHandler", "FileHandler"])
def test_class_of_a_handler_without_its_module_is_left_to_python(name: str) -> None:
    """It may be a module of the project's own."""
    handlers = {"console": {"class": name, "nothing": 1}}
    assert [] == [*faults_of_logging({**PLAIN, "handlers": handlers})]
