"""What the subjects of questions about a project's code have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from serotiny.cache.questions import Question


@dataclass
class Subject:
    """Something that is asked about a project's code; each subject is asked by itself.

    Attributes:
        asked_as: the name by which its questions are noted.
        answers: its answers so far.
    """

    asked_as: ClassVar[str]
    tells_secrets: ClassVar[bool] = False

    answers: dict[Question, tuple[Question, Any]] = field(default_factory=dict, init=False)
