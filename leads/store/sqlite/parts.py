"""The embedded store as a whole: totals, and every record read and written by its key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from leads.exclusions import Exclusion
from leads.model import Judgement, Lead, Visit
from leads.sight import Sight
from leads.sighting import Known, Sighting
from leads.store import Entry, Kept, Overtaken, Part
from leads.store.sqlite.exclusions import Exclusions
from leads.store.sqlite.judgements import Judgements
from leads.store.sqlite.leads import Leads
from leads.store.sqlite.listings import Listings, known_row
from leads.store.sqlite.pictures import Pictures
from leads.store.sqlite.rows import put_sight
from leads.store.sqlite.visits import PUT, Visits, visit_row

_AT_ONCE = 500
_TABLES = {
    Part.LISTINGS: "listing",
    Part.SIGHTINGS: "sighting",
    Part.LEADS: "lead",
    Part.JUDGEMENTS: "judgement",
    Part.VISITS: "visit",
    Part.SIGHTS: "sight",
    Part.EXCLUSIONS: "exclusion",
}
_READ: dict[Part, tuple[str, Callable[..., Kept]]] = {
    Part.LISTINGS: (
        "SELECT id AS key, body, first_seen, last_seen, misses, missed_at FROM listing",
        known_row,
    ),
    Part.SIGHTINGS: ("SELECT id AS key, body FROM sighting", Sighting.model_validate_json),
    Part.LEADS: (
        "SELECT id AS key, body FROM lead JOIN lead_body USING (number)",
        Lead.model_validate_json,
    ),
    Part.JUDGEMENTS: (
        "SELECT lead || '.' || printf('%04d', row_number() OVER of_lead - 1) AS key, body"
        " FROM judgement WINDOW of_lead AS (PARTITION BY lead ORDER BY number)",
        Judgement.model_validate_json,
    ),
    Part.VISITS: ("SELECT id AS key, body FROM visit", Visit.model_validate_json),
    Part.SIGHTS: ("SELECT sha256 AS key, body FROM sight", Sight.model_validate_json),
    Part.EXCLUSIONS: ("SELECT id AS key, body FROM exclusion", Exclusion.model_validate_json),
}
"""For each part what selects key and record, and what makes the record."""


class Parts(Listings, Leads, Judgements, Exclusions, Visits, Pictures):
    """Everything that is kept."""

    def totals(self) -> Mapping[str, int]:
        """See :meth:`leads.store.Store.totals`."""
        return {
            part.value: self._number(f"SELECT count(*) FROM {table}")  # noqa: S608
            for part, table in _TABLES.items()
        }

    def read(self, part: Part, after: str = "") -> Iterator[Entry]:
        """See :meth:`leads.store.Store.read`."""
        sql, make = _READ[part]
        every = f"SELECT * FROM ({sql}) WHERE key > ? ORDER BY key"  # noqa: S608

        def entry(key: str, *cells: object) -> Entry:
            return Entry(key, make(*cells))

        return self._read(entry, every, [after])

    def write(self, part: Part, entries: Iterable[Entry]) -> None:
        """See :meth:`leads.store.Store.write`; each 500 in one transaction."""
        waiting = iter(entries)
        while batch := list(islice(waiting, _AT_ONCE)):
            with self._writing():
                for key, record in batch:
                    self._write(key, record)

    def flush(self) -> None:
        """See :meth:`leads.store.Store.flush`; what is committed stands in the log already."""
        log = Path(f"{self.path}-wal")
        if log.exists():  # where the log is empty, all is in the file itself, to stay
            with log.open("rb") as file:
                os.fsync(file.fileno())

    def _write(self, key: str, record: Kept) -> None:
        match record:
            case Known():
                self._keep(record)
            case Sighting():
                self._tell([record])
            case Lead():
                self._put([record])
            case Judgement():
                self._follow(key, record)
            case Visit():
                self._db.execute(PUT, visit_row(key, record))
            case Sight():
                put_sight(self._db, record)
            case Exclusion():
                self._exclude(record)

    def _follow(self, key: str, judgement: Judgement) -> None:
        """Append a judgement if it is the lead's next; refuse one whose place is taken."""
        lead, _, place = key.rpartition(".")
        known = self.judgements(lead)
        if int(place) < len(known):
            if known[int(place)] != judgement:
                raise Overtaken(f"存储 {self.path}：线索 {lead} 已有另一条人工结论，未覆盖")
            return
        self._append(judgement)
