"""Leads of the embedded store: written, dropped, and got one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, islice
from typing import NamedTuple

from leads.model import Lead, State
from leads.store import Standing
from leads.store.sqlite import rows
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import BATCH, marks

_AT_ONCE = 5000
"""Leads a transaction: full-text search writes a segment for each."""


class _Old(NamedTuple):
    number: int
    state: str
    counted: str
    found_at: str
    """As the record has it, in the zone it came in."""


class Leads(File):
    """What an officer decides on."""

    def put(self, leads: Iterable[Lead]) -> None:
        """See :meth:`leads.store.Store.put`."""
        for batch in _batches(leads):
            with self._writing():
                there = self._there([lead.id for lead in batch])
                self._put([_first_found(lead, there) for lead in batch])

    def drop(
        self,
        listings: Iterable[tuple[str, str]],
        keep: Collection[str],
        rights: Collection[str] | None,
    ) -> int:
        """See :meth:`leads.store.Store.drop`; all in one transaction."""
        with self._writing():
            waiting, found = iter(listings), list[tuple[str, str]]()
            while batch := list(islice(waiting, BATCH)):
                found += self._unjudged(batch)
            gone = self._there(
                [
                    lead
                    for lead, right in found
                    if lead not in keep and (rights is None or right in rights)
                ]
            )
            self._forget(gone.values())
            numbers = [(old.number,) for old in gone.values()]
            self._db.executemany("DELETE FROM lead_text WHERE rowid = ?", numbers)
            self._db.executemany("DELETE FROM lead WHERE number = ?", numbers)
        return len(gone)

    def get(self, lead_id: str) -> Standing | None:
        """See :meth:`leads.store.Store.get`."""
        found = self._rows(
            "SELECT body, state FROM lead JOIN lead_body USING (number) WHERE id = ?", [lead_id]
        )
        return self._made(standing, found[0]) if found else None

    def _unjudged(self, listings: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield id and right of the leads of listings that nobody has judged."""
        refs = list({ref for _, ref in listings})
        found = self._rows(
            "SELECT site, ref, id, right_id FROM lead"  # noqa: S608
            f" WHERE ref COLLATE NOCASE IN ({marks(refs)})"
            " AND NOT EXISTS (SELECT 1 FROM judgement WHERE judgement.lead = lead.id)",
            refs,
        )
        wanted = set(listings)
        for site, ref, lead, right in found:
            if (site, ref) in wanted:
                yield str(lead), str(right)

    def _put(self, leads: Sequence[Lead]) -> None:
        """Write leads with ids of their own as they are; call inside a transaction."""
        there = self._there([lead.id for lead in leads])
        fresh = count(self._number("SELECT ifnull(max(number), 0) FROM lead") + 1)
        numbered = [
            (there[lead.id].number if lead.id in there else next(fresh), lead) for lead in leads
        ]
        plain = [rows.lead_row(lead, number) for number, lead in numbered]
        self._forget(there.values())
        write = self._db.executemany
        write(rows.PUT_LEAD, plain)
        write(rows.PUT_BODY, [(number, lead.model_dump_json()) for number, lead in numbered])
        counts: Counter[str] = Counter()
        texts = []
        for (number, lead), row in zip(numbered, plain, strict=True):
            state = there[lead.id].state if lead.id in there else State.NEW.value
            counted = str(row["counted"])
            counts.update(rows.counted(state, counted))
            texts.append(rows.text_row(lead, number, counted))
        write(rows.PUT_TEXT, texts)
        write(rows.COUNT, rows.count_rows(counts))

    def _forget(self, gone: Iterable[_Old]) -> None:
        """Take leads that go, or come anew, out of the counters."""
        counts: Counter[str] = Counter()
        for old in gone:
            counts.subtract(rows.counted(old.state, old.counted))
        self._db.executemany(rows.COUNT, rows.count_rows(counts))

    def _there(self, ids: Sequence[str]) -> dict[str, _Old]:
        """Return what the leads that exist are like now."""
        found: dict[str, _Old] = {}
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            sql = (
                "SELECT id, number, state, counted, json_extract(body, '$.found_at')"  # noqa: S608
                f" FROM lead JOIN lead_body USING (number) WHERE id IN ({marks(batch)})"
            )
            found |= {lead: _Old(*row) for lead, *row in self._db.execute(sql, batch)}
        return found


def standing(body: str, state: str) -> Standing:
    """Return a lead and where it stands."""
    return Standing(Lead.model_validate_json(body), State(state))


def _first_found(lead: Lead, there: Mapping[str, _Old]) -> Lead:
    if lead.id not in there:
        return lead
    before = datetime.fromisoformat(there[lead.id].found_at)
    return lead.model_copy(update={"found_at": before}) if before < lead.found_at else lead


def _batches(leads: Iterable[Lead]) -> Iterator[list[Lead]]:
    """Cut leads into batches in which no id comes twice."""
    batch: dict[str, Lead] = {}
    for lead in leads:
        if lead.id in batch or len(batch) == _AT_ONCE:
            yield list(batch.values())
            batch = {}
        batch[lead.id] = lead
    if batch:
        yield list(batch.values())
