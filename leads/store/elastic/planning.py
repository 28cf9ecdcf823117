"""From operations to writes: what is there is read, what it becomes is worked out.

Planning the same operations again, after some of their writes were done, comes to the same end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

from leads.exclusions import Exclusion, newer
from leads.model import Judgement, Lead
from leads.sighting import Known, Sighting, listing_id, missed, seen_again, still
from leads.store import Part
from leads.store.elastic import documents as docs
from leads.store.elastic.bulk import Action
from leads.store.elastic.documents import Decided, Document
from leads.store.elastic.indices import Indices, bureau_of
from leads.store.elastic.spool import Exclude, Miss, Op, Put, See, Settle, Show, Still, Tell

STANDING = ["body", "state", "judgements", "judged_*"]
"""What of a lead's document says where it stands."""
_AHEAD = 16
"""Judgements looked for at once."""


@dataclass(slots=True)
class Plan:
    """Writes in two stages: what ``then`` changes must not be changed unless ``first`` is done."""

    first: list[Action] = field(default_factory=list)
    then: list[Action] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A lead's document as it is in an index."""

    alias: str
    """Of the bureau it lies with."""
    seen: tuple[int, int]
    source: Document

    @property
    def decided(self) -> Decided:
        """How the lead stands."""
        return docs.decided(self.source)


class Planner:
    """Plans writes to one store."""

    def __init__(self, client: Elasticsearch, indices: Indices) -> None:
        self.client = client
        self.indices = indices

    def plan(self, ops: Sequence[Op]) -> Plan:
        """Return the writes that do ``ops``, given earlier writes were refreshed."""
        plan = Plan()
        self._listings([op for op in ops if isinstance(op, See | Miss | Still)], plan)
        self._leads([op for op in ops if isinstance(op, Put | Settle)], plan)
        told = [docs.visit_document(op.visit) for op in ops if isinstance(op, Tell)]
        visits = {visit["key"]: visit for visit in told}
        sights = {op.sight.sha256: op.sight for op in ops if isinstance(op, Show)}
        plan.first += self.plain(Part.VISITS, visits.values())
        plan.first += self.plain(Part.SIGHTS, map(docs.sight_document, sights.values()))
        plan.first += self.excluded([op.exclusion for op in ops if isinstance(op, Exclude)])
        return plan

    def plain(self, part: Part, documents: Iterable[Document]) -> list[Action]:
        """Return the writes of documents that need no look at what is there."""
        found = list(documents)
        alias = self.indices.ensure(part) if found else ""
        return [Action("index", alias, document["key"], document) for document in found]

    def excluded(self, told: Sequence[Exclusion]) -> list[Action]:
        """Return the writes of exclusions; what was lifted stays so."""
        alias = self.indices.ensure(Part.EXCLUSIONS) if told else ""
        stored = self._stored(Part.EXCLUSIONS, {one.id for one in told})
        before = {
            key: Exclusion.model_validate_json(source["body"])
            for key, (source, _) in stored.items()
        }
        now = dict(before)
        for one in told:
            now[one.id] = newer(now.get(one.id), one)
        return [
            Action("index", alias, key, docs.exclusion_document(one), stored[key][1])
            if key in stored
            else Action("create", alias, key, docs.exclusion_document(one))
            for key, one in now.items()
            if one != before.get(key)
        ]

    # ------------------------------------------------------------------ listings

    def known(self, keys: Iterable[str]) -> dict[str, tuple[Known, tuple[int, int]]]:
        """Return listings by key, with what tells whether they were written meanwhile."""
        return {
            key: (Known.model_validate_json(source["body"]), seen)
            for key, (source, seen) in self._stored(Part.LISTINGS, keys).items()
        }

    def _listings(self, ops: Sequence[See | Miss | Still], plan: Plan) -> None:
        before = self.known({key for op in ops for key in _keys(op)})
        now = {key: known for key, (known, _) in before.items()}
        told: list[Sighting] = []
        for op in ops:
            for key in _keys(op):
                known, news = after(now.get(key), op)
                told += news
                if known is not None:
                    now[key] = known
        plan.first += self.plain(Part.SIGHTINGS, map(docs.sighting_document, told))
        for key, known in now.items():
            if key not in before:
                alias = self.indices.ensure(Part.LISTINGS)
                plan.then.append(Action("create", alias, key, docs.known_document(known)))
            elif known != before[key][0]:
                alias, seen = self.indices.ensure(Part.LISTINGS), before[key][1]
                plan.then.append(Action("index", alias, key, docs.known_document(known), seen))

    def _stored(
        self, part: Part, keys: Iterable[str]
    ) -> dict[str, tuple[Document, tuple[int, int]]]:
        """Return documents by key as they are at this very moment."""
        sought = sorted(keys)
        if not sought or not self.indices.of(part):
            return {}
        answer = self.client.mget(
            index=self.indices.alias(part), ids=sought, source_includes=["body"]
        )
        return {
            one["_id"]: (one["_source"], (one["_seq_no"], one["_primary_term"]))
            for one in answer["docs"]
            if one.get("found")
        }

    # ------------------------------------------------------------------ leads

    def found(self, ids: Collection[str]) -> dict[str, list[Found]]:
        """Return the documents of leads by id: none, one, or two while a lead changes bureaus."""
        if not ids or not self.indices.of(Part.LEADS):
            return {}
        answer = self.client.search(
            index=self.indices.alias(Part.LEADS),
            query={"terms": {"id": sorted(ids)}},
            size=min(10_000, 2 * len(ids)),
            source_includes=STANDING,
            seq_no_primary_term=True,
        )
        found: dict[str, list[Found]] = {}
        for hit in answer["hits"]["hits"]:
            found.setdefault(hit["_id"], []).append(lead_found(hit))
        return found

    def _leads(self, ops: Sequence[Put | Settle], plan: Plan) -> None:
        leads: dict[str, Lead] = {}
        for op in ops:
            for lead in op.leads if isinstance(op, Put) else ():
                leads[lead.id] = earliest(lead, leads.get(lead.id))
        judged = {op.lead for op in ops if isinstance(op, Settle)}
        found = self.found({*leads, *judged})
        for key in {*leads, *judged}:
            there = sorted(found.get(key, []), key=lambda one: -one.source["judgements"])
            standing = there[0].decided if there else Decided()
            if key in judged:
                standing = self.settled(key, standing)
            old = Lead.model_validate_json(there[0].source["body"]) if there else None
            new = earliest(leads[key], old) if key in leads else old
            if new is not None:
                self.write(plan, new, standing, there)

    def write(self, plan: Plan, lead: Lead, standing: Decided, there: Sequence[Found]) -> None:
        """Plan a lead's document, in the index of its bureau only."""
        alias = self.indices.ensure(Part.LEADS, bureau_of(tuple(r.bureau for r in lead.routes)))
        document = docs.lead_document(lead, standing)
        here = [one for one in there if one.alias == alias]
        if not here:
            plan.first.append(Action("create", alias, lead.id, document))
        elif any(here[0].source.get(name) != document.get(name) for name in ("body", "judgements")):
            plan.first.append(Action("index", alias, lead.id, document, here[0].seen))
        plan.then += [
            Action("delete", one.alias, lead.id, seen=one.seen)
            for one in there
            if one.alias != alias
        ]

    def settled(self, lead: str, standing: Decided) -> Decided:
        """Return how a lead stands by its last judgement, if there are more than was known."""
        while more := self._judgements(lead, standing.judgements):
            standing = docs.decided_by(more[-1], standing.judgements + len(more) - 1)
        return standing

    def _judgements(self, lead: str, first: int) -> list[Judgement]:
        keys = [docs.judgement_key(lead, first + ahead) for ahead in range(_AHEAD)]
        there = self.judged(keys)
        return [there[key] for key in keys if key in there]

    def judged(self, keys: Iterable[str]) -> dict[str, Judgement]:
        """Return judgements by key."""
        return {
            key: Judgement.model_validate_json(source["body"])
            for key, (source, _) in self._stored(Part.JUDGEMENTS, keys).items()
        }


def lead_found(hit: dict[str, Any]) -> Found:
    """Return what a hit of a search says; its index is named by alias and number."""
    alias = hit["_index"].rpartition("-v")[0]
    return Found(alias, (hit["_seq_no"], hit["_primary_term"]), hit["_source"])


def after(before: Known | None, op: See | Miss | Still) -> tuple[Known | None, list[Sighting]]:
    """Return what is known of a listing after it was seen or missed, and what is new about it."""
    if isinstance(op, Miss):
        return missed(before, op.at) if before else (None, [])
    if isinstance(op, Still):
        return still(before, op.at) if before else (None, [])
    if before is None:
        return Known(listing=op.listing, first_seen=op.at, last_seen=op.at), []
    return seen_again(before, op.listing, op.at)


def earliest(lead: Lead, old: Lead | None) -> Lead:
    """Return a lead as it is now, found when it was found first."""
    if old is None or old.found_at >= lead.found_at:
        return lead
    return lead.model_copy(update={"found_at": old.found_at})


def _keys(op: See | Miss | Still) -> list[str]:
    if isinstance(op, See):
        return [listing_id(*op.listing.key)]
    return [listing_id(op.site, ref) for ref in op.refs]
