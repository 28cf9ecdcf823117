"""Lists that people keep of a right, its authorised users and marks, compared entry by entry."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from leads.model import AuthorisedUser, Mark, Right

R = TypeVar("R", AuthorisedUser, Mark, Right)

Key = tuple[str, ...]


@dataclass(frozen=True)
class Change(Generic[R]):
    """What becomes of one entry: added without ``before``, removed without ``after``."""

    before: R | None
    after: R | None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that differ; none of an entry that is added or removed."""
        if self.before is None or self.after is None:
            return ()
        then, now = self.before, self.after
        return tuple(n for n in type(now).model_fields if getattr(then, n) != getattr(now, n))

    @property
    def alters(self) -> bool:
        """Tell whether anything becomes different."""
        return self.before is None or self.after is None or bool(self.fields)


def user_keys(entry: Mapping[str, Any]) -> Iterator[Key]:
    """Yield by what an authorised user is known, the surest first: credit code, name."""
    if entry.get("uscc"):
        yield "uscc", entry["uscc"].upper()
    yield "company", plain(entry["company"])


def mark_keys(entry: Mapping[str, Any]) -> Iterator[Key]:
    """Yield by what a mark is known: its number, else its text; one text has many registrations."""
    yield ("number", entry["number"]) if entry.get("number") else ("text", plain(entry["text"]))


def plain(name: str) -> str:
    """Return a name without the differences of typing: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def matched(
    kept: Sequence[R],
    given: Sequence[Mapping[str, Any]],
    keys: Callable[[Mapping[str, Any]], Iterator[Key]],
) -> dict[int, int]:
    """Return by place which kept entry each given one speaks of; those that are new are left out.

    What one is known by for sure is not taken away by what another is perhaps known by.
    """
    index: dict[Key, int] = {}
    for place, entry in enumerate(kept):
        for key in keys(dict(entry)):
            index.setdefault(key, place)
    wanted = [list(keys(entry)) for entry in given]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for strength in reversed(range(max(map(len, wanted), default=0))):
        for place, named in enumerate(wanted):
            if place in found or strength >= len(named):
                continue
            there = index.get(named[-1 - strength])  # the last key is the weakest
            if there is not None and there not in taken:
                found[place] = there
                taken.add(there)
    return found
