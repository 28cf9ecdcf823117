"""What to search a marketplace for, derived from the watched rights, the most valuable first."""

from __future__ import annotations

from collections.abc import Iterable

from leads.model import Right, RightKind


def queries(rights: Iterable[Right]) -> tuple[str, ...]:
    """Return each search text once, in the order in which a budget should be spent.

    Names come before other names, and those before the goods alone, which bring the sellers who
    spell a name so that no search for it finds them. Among names, the province's own geographical
    indications come first, then its own marks, then the rest.
    """
    ranked = sorted(rights, key=_rank)
    names = [right.name for right in ranked]
    others = [alias for right in ranked for alias in right.aliases]
    goods = [
        f"山西{word}" if right.kind is RightKind.GI else word
        for right in ranked
        if right.bureau
        for word in right.goods[:1]
    ]
    return tuple(dict.fromkeys((*names, *others, *goods)))


def _rank(right: Right) -> tuple[bool, bool, str]:
    return right.bureau is None, right.kind is not RightKind.GI, right.id
