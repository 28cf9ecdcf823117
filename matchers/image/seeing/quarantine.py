"""References that hit too many sellers: what everybody shows is nobody's copy."""

from __future__ import annotations

from collections.abc import Mapping, Set


def quarantined(sellers: Mapping[str, Set[str]], most: int) -> frozenset[str]:
    """Return the references hit at more than ``most`` sellers.

    ``sellers`` maps a reference (``photos/<right>/<file>``) to the sellers at which it was found.
    A quarantined reference is to be left out until a person has looked at it.
    """
    return frozenset(source for source, found in sellers.items() if len(found) > most)
