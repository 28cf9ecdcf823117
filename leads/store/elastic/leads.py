"""Leads of a store in Elasticsearch: written, dropped, and got one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from leads.model import Lead
from leads.sighting import listing_id
from leads.store import Part, Standing
from leads.store.elastic.bulk import Action
from leads.store.elastic.planning import lead_found
from leads.store.elastic.searching import STANDING, Searching
from leads.store.elastic.spool import Put

_AT_ONCE = 200
"""Leads kept on disk as one: all of them or none."""
_MOST = 10_000
"""Leads of those listings; an engine gives one at most twenty."""


class Leads(Searching):
    """What an officer decides on."""

    def put(self, leads: Iterable[Lead]) -> None:
        """See :meth:`leads.store.Store.put`."""
        waiting = iter(leads)
        while batch := tuple(islice(waiting, _AT_ONCE)):
            for lead in batch:
                _ = lead.listing.key  # refused now, not when it is sent
            self._note(Put(leads=batch))

    def drop(
        self,
        listings: Iterable[tuple[str, str]],
        keep: Collection[str],
        rights: Collection[str] | None,
    ) -> int:
        """See :meth:`leads.store.Store.drop`; the leads of each 200 listings at once."""
        waiting, dropped = iter(listings), 0
        while batch := list(islice(waiting, _AT_ONCE)):
            dropped += self._drop(batch, keep, rights)
        return dropped

    def _drop(
        self,
        listings: Sequence[tuple[str, str]],
        keep: Collection[str],
        rights: Collection[str] | None,
    ) -> int:
        if not self._unsearchable(listings) <= set(keep):
            self._settled(Part.LEADS)
        keys = {listing_id(*listing): listing for listing in listings}
        unjudged = [{"terms": {"listing": list(keys)}}, {"term": {"judgements": 0}}]
        with self._named():
            alias = self._alias(Part.LEADS)
            if alias is None:
                return 0
            answer = self._client.search(
                index=alias,
                query={"bool": {"filter": unjudged}},
                size=_MOST,
                source_includes=["right.id", "listing"],
                seq_no_primary_term=True,
            )
            gone = [
                (
                    keys[hit["_source"]["listing"]],
                    Action("delete", found.alias, hit["_id"], seen=found.seen),
                )
                for hit in answer["hits"]["hits"]
                for found in [lead_found(hit)]
                if hit["_id"] not in keep
                and (rights is None or hit["_source"]["right.id"] in rights)
            ]
            outcome = self._send([action for _, action in gone])
        for listing, action in gone:
            self._unseen.setdefault(listing, set()).add(action.id)
        return len(gone) - len(outcome.conflicts)

    def get(self, lead_id: str) -> Standing | None:
        """See :meth:`leads.store.Store.get`."""
        alias = self._settled(Part.LEADS)
        if alias is None:
            return None
        with self._named():
            answer = self._client.search(
                index=alias, query={"term": {"id": lead_id}}, size=1, source_includes=STANDING
            )
        hits = answer["hits"]["hits"]
        return self._standing(hits[0]["_source"]) if hits else None

    def _unsearchable(self, listings: Iterable[tuple[str, str]]) -> set[str]:
        """Return the leads of listings that were written since leads were last refreshed."""
        of = set(listings)
        waiting = (op.leads for op in self._spool.fresh if isinstance(op, Put))
        fresh = {lead.id for leads in waiting for lead in leads if lead.listing.key in of}
        return fresh.union(*(self._unseen.get(listing, ()) for listing in of))
