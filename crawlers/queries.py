"""What to search a marketplace for, derived from the watched rights, the most valuable first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leads.model import Right, RightKind
from matchers.text.likeness import neighbours

IMITATIONS = 2
"""Likely imitations that are searched for, of each name of the province's own."""
ALIKE = 0.92
"""How alike a swapped character must be."""


def queries(rights: Iterable[Right]) -> tuple[str, ...]:
    """Return each search text once, in the order in which a budget should be spent.

    Names come first: the province's own geographical indications, its own marks, then the rest.
    Other names follow; then likely imitations of the province's own names, and their goods alone,
    which bring the sellers who spell a name so that no search for it finds them.
    """
    ranked = sorted(rights, key=_rank)
    own = [right for right in ranked if right.bureau]
    names = [right.name for right in ranked]
    others = [alias for right in ranked for alias in right.aliases]
    alike = [text for right in own for text in imitations(right.name)]
    goods = [
        f"山西{word}" if right.kind is RightKind.GI else word
        for right in own
        for word in right.goods[:1]
    ]
    return tuple(dict.fromkeys((*names, *others, *alike, *goods)))


def imitations(name: str) -> tuple[str, ...]:
    """Return the likeliest imitations of a name: one character swapped for its nearest like."""
    ranked = sorted(_swapped(name), reverse=True)
    return tuple(dict.fromkeys(text for _, text in ranked))[:IMITATIONS]


def _swapped(name: str) -> Iterator[tuple[float, str]]:
    for place, char in enumerate(name):
        for other, likeness in neighbours(char).items():
            if likeness.value >= ALIKE:
                yield likeness.value, name[:place] + other + name[place + 1 :]


def _rank(right: Right) -> tuple[bool, bool, str]:
    return right.bureau is None, right.kind is not RightKind.GI, right.id
