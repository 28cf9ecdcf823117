"""Visits of the embedded store: what came of each page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leads.model import Visit
from leads.store import record_id
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import Cell, utc

PUT = """
    INSERT OR IGNORE INTO visit (id, at, site, url, verdict, listings, reason, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class Visits(File):
    """Pages that were fetched, or could not be."""

    def visit(self, visit: Visit) -> None:
        """See :meth:`leads.store.Store.visit`."""
        with self._writing():
            self._db.execute(PUT, visit_row(record_id(visit), visit))

    def visits(self, since: datetime | None = None) -> Iterator[Visit]:
        """See :meth:`leads.store.Store.visits`."""
        sql = "SELECT body FROM visit WHERE at >= ? ORDER BY at, number"
        return self._read(Visit.model_validate_json, sql, [utc(since) if since else ""])


def visit_row(key: str, visit: Visit) -> list[Cell]:
    """Return the row that ``PUT`` writes."""
    return [
        key,
        utc(visit.at),
        visit.site,
        visit.url,
        visit.verdict.value,
        visit.listings,
        visit.reason,
        visit.model_dump_json(),
    ]
