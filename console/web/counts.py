"""What takes long to count, kept for some seconds: every page asks, and few answers change.

Of 200,000 leads it takes a store a tenth of a second to count those that fit a query: more than all
the rest of a page. What is decided here is seen at once, what is decided elsewhere a little later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from leads.fields import Field
from leads.query import Query
from leads.store import Facets, Store

T = TypeVar("T")

KEPT = 20.0
"""Seconds for which a count may be shown again."""
_MOST = 1000


class Counts:
    """Counts of one store, asked from one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[Hashable, tuple[float, object]] = {}

    def facets(self, query: Query, fields: tuple[Field, ...], most: int = 20) -> Facets:
        """Return what :meth:`leads.store.Store.facets` does, or did a few seconds ago."""
        asked = (query, fields, most)
        return self.kept(asked, lambda: self._store.facets(query, fields, most))

    def kept(self, asked: Hashable, count: Callable[[], T], seconds: float = KEPT) -> T:
        """Return what ``count`` returns, or returned for the same question a few seconds ago."""
        now = time.monotonic()
        at, found = self._kept.get(asked, (-seconds, None))
        if now - at >= seconds:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            found = count()
            self._kept[asked] = now, found
        return cast("T", found)

    def forget(self) -> None:
        """Count anew: something was decided."""
        self._kept.clear()
