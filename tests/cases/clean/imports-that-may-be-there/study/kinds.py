"""Names that come to be in all the ways that there are."""

__all__ = ["Bound"]

exec("Run = int")
globals()["Listed"] = int


def _count() -> None:
    global Counted  # noqa: PLW0603 - the case
    Counted = int


_count()

if (Walked := int) is int:
    Bound = int

for _ in ():
    break
else:
    Looped = int

match int:
    case Matched:
        pass
