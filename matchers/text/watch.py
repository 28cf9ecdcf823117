"""The watched names, ready to be found in folded text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from leads.model import Right, RightKind
from leads.registry import Registry
from matchers.text.normalise import Plain, normalise, visible
from matchers.text.words import stands_alone


@dataclass(frozen=True)
class Name:
    """One name of a right; ``latin`` names need a word border on both sides."""

    right: Right
    plain: Plain
    latin: bool


Place = tuple[Name, int, int]
"""A name and the folded characters ``[start, end)`` that are it."""

_MOST_TRIED = 100
"""Places of one name that are looked at in one text; more is stuffing."""


def names_of(registry: Registry, *kinds: RightKind) -> tuple[Name, ...]:
    """Return every watched name of the rights of these kinds."""
    return tuple(
        Name(right, plain, plain.text.isascii())
        for right in registry.rights.values()
        if right.kind in kinds
        for text in _texts(right)
        if len((plain := normalise(text)).text) >= 2
    )


def _texts(right: Right) -> tuple[str, ...]:
    """Return the names that are the right itself; a GI translated is a matter of evocation."""
    if right.kind is RightKind.GI:
        return right.names
    return tuple(dict.fromkeys((*right.names, *right.translations)))


def find(plain: Plain, names: Sequence[Name]) -> Iterator[Place]:
    """Yield every place where a name stands in a text, as folded ``[start, end)``."""
    for name in names:
        start, found = plain.text.find(name.plain.text), 0
        while start >= 0 and found < _MOST_TRIED:
            yield name, start, start + len(name.plain.text)
            start, found = plain.text.find(name.plain.text, start + 1), found + 1


def uncovered(places: Sequence[Place]) -> Iterator[Place]:
    """Yield the places that lie in no longer one."""
    reach = -1
    for _, group in groupby(sorted(places, key=lambda p: p[1]), key=lambda p: p[1]):
        same = list(group)
        furthest = max(end for _, _, end in same)
        if furthest > reach:
            yield from (place for place in same if place[2] == furthest)
            reach = furthest


_LONGEST_GAP = 3
_PHRASE_ENDS = set("，。；！？、｜|/,;!?\n\r\t")


def stands(plain: Plain, start: int, end: int, name: Name) -> bool:
    """Tell whether ``[start, end)`` is the name, and not unrelated neighbours that happen to meet.

    Folding drops what stands between characters, so 康·师 傅 is found, but so would be 临汾·酒.
    What was dropped may part a name if

    - no gap holds more than three visible characters, and
    - marks that end a phrase (，。；、｜/ …) stand between *all* its characters (康/师/傅), and
    - no word of the dictionary reaches over its start or end, where there is a gap or the name has
      two characters only.

    A Latin name must not go on in Latin letters or digits on either side.
    """
    first, last = plain.span(start, end)
    if name.latin:
        return not (_latin(plain.raw[first - 1 : first]) or _latin(plain.raw[last : last + 1]))
    gaps = plain.gaps(start, end)
    own = name.plain.gaps(0, len(name.plain.text))
    if any(len(visible(gap)) > _LONGEST_GAP for gap in gaps):
        return False
    ended = [bool(_PHRASE_ENDS & set(gap)) for gap in gaps]
    if any(ended) and not all(ended) and gaps != own:
        return False
    if (any(map(visible, gaps)) and gaps != own) or end - start == 2:
        return stands_alone(plain.raw, first, last)
    return True


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
