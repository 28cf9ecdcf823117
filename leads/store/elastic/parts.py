"""A store in Elasticsearch as a whole: totals, and every record read and written by its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from leads.exclusions import Exclusion
from leads.model import Judgement, Lead, Visit
from leads.sight import Sight
from leads.sighting import Known, Sighting
from leads.store import Entry, Overtaken, Part
from leads.store.elastic import documents as docs
from leads.store.elastic.bulk import Action
from leads.store.elastic.documents import Decided, Document
from leads.store.elastic.judgements import Judgements
from leads.store.elastic.planning import Plan, earliest
from leads.store.elastic.spool import Settle

_AT_ONCE = 500
_RECORDS: dict[Part, Any] = {
    Part.LISTINGS: Known,
    Part.SIGHTINGS: Sighting,
    Part.LEADS: Lead,
    Part.JUDGEMENTS: Judgement,
    Part.VISITS: Visit,
    Part.SIGHTS: Sight,
    Part.EXCLUSIONS: Exclusion,
}


class Parts(Judgements):
    """Everything that is kept."""

    def totals(self) -> Mapping[str, int]:
        """See :meth:`leads.store.Store.totals`."""
        return {part.value: self._total(part) for part in Part}

    def read(self, part: Part, after: str = "") -> Iterator[Entry]:
        """See :meth:`leads.store.Store.read`."""
        key = "id" if part is Part.LEADS else "key"
        query = {"range": {key: {"gt": after}}} if after else {"match_all": {}}
        for source in self._scan(part, query, [{key: "asc"}], [key, "body"]):
            yield Entry(source[key], self._made(_RECORDS[part], source["body"]))

    def write(self, part: Part, entries: Iterable[Entry]) -> None:
        """See :meth:`leads.store.Store.write`; each 500 are there when the next are taken."""
        self._catch_up()
        waiting = iter(entries)
        while batch := list(islice(waiting, _AT_ONCE)):
            with self._named():
                match part:
                    case Part.LEADS:
                        self._write_leads([e.record for e in batch if isinstance(e.record, Lead)])
                    case Part.JUDGEMENTS:
                        self._write_judgements(batch)
                    case Part.EXCLUSIONS:
                        told = [e.record for e in batch if isinstance(e.record, Exclusion)]
                        self._sure(self._planner.excluded(told))
                    case _:
                        self._sure(self._planner.plain(part, map(_document, batch)))
        with self._named():
            for written in (part, Part.LEADS):
                self._refresh(written)

    def _write_leads(self, leads: Sequence[Lead]) -> None:
        self._settled(Part.LEADS)
        self._alias(Part.JUDGEMENTS)
        found = self._planner.found([lead.id for lead in leads])
        plan = Plan()
        for lead in {lead.id: lead for lead in leads}.values():
            there = found.get(lead.id, [])
            standing = there[0].decided if there else Decided()
            old = Lead.model_validate_json(there[0].source["body"]) if there else None
            self._planner.write(plan, earliest(lead, old), standing, there)
        self._sure(plan.first)
        self._sure(plan.then)

    def _write_judgements(self, entries: Sequence[Entry]) -> None:
        self._settled(Part.LEADS)
        told = [(key, e) for key, e in entries if isinstance(e, Judgement)]
        leads = {judgement.lead for _, judgement in told}
        for missing in sorted(leads - self._planner.found(leads).keys()):
            raise KeyError(missing)
        alias = self._indices.ensure(Part.JUDGEMENTS)
        there = self._planner.judged(key for key, _ in told)
        for key, judgement in told:
            if there.get(key, judgement) != judgement:
                lead = judgement.lead
                raise Overtaken(f"存储 {self.address}：线索 {lead} 已有另一条人工结论，未覆盖")
        self._sure(
            [
                Action("create", alias, key, docs.judgement_document(judgement, _number(key)))
                for key, judgement in told
                if key not in there
            ]
        )
        self._do([Settle(lead=lead) for lead in sorted(leads)])


def _document(entry: Entry) -> Document:
    match entry.record:
        case Known() as known:
            return docs.known_document(known)
        case Sighting() as sighting:
            return docs.sighting_document(sighting)
        case Visit() as visit:
            return docs.visit_document(visit)
        case Sight() as sight:
            return docs.sight_document(sight)
        case other:
            raise TypeError(f"written by a way of its own: {type(other)}")


def _number(key: str) -> int:
    return int(key.rpartition(".")[2])
