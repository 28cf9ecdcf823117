"""Counting in a store in Elasticsearch: how many leads fit, by value and by seller; all exact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from leads.fields import Field
from leads.query import Query
from leads.store import Facets, Group, Part, Sort
from leads.store.elastic.condition import Clause, condition
from leads.store.elastic.searching import ORDERS, STANDING, Searching

_EVERY = 10_000
"""Values of a field that each bureau's index counts: more than there are, so counts are exact."""


class Counting(Searching):
    """Numbers of leads."""

    def count(self, query: Query) -> int:
        """See :meth:`leads.store.Store.count`."""
        alias = self._settled(Part.LEADS)
        if alias is None:
            return 0
        with self._named():
            return int(self._client.count(index=alias, query=condition(query))["count"])

    def facets(self, query: Query, fields: Iterable[Field], most: int = 20) -> Facets:
        """See :meth:`leads.store.Store.facets`."""
        wanted = tuple(fields)
        alias = self._settled(Part.LEADS)
        if alias is None:
            return Facets(0, True, {field: {} for field in wanted})
        with self._named():
            answer = self._client.search(
                index=alias,
                query=condition(query),
                size=0,
                track_total_hits=True,
                aggs={field.value: _values(field.value, most) for field in wanted},
            )
        counts = {
            field: {
                bucket["key"]: bucket["doc_count"]
                for bucket in answer["aggregations"][field.value]["buckets"]
            }
            for field in wanted
        }
        return Facets(answer["hits"]["total"]["value"], True, counts)

    def groups(self, query: Query, limit: int = 50, offset: int = 0) -> Sequence[Group]:
        """See :meth:`leads.store.Store.groups`."""
        alias = self._settled(Part.LEADS)
        if alias is None:
            return []
        fitting = {"bool": {"filter": [condition(query), {"exists": {"field": "seller"}}]}}
        with self._named():
            answer = self._client.search(
                index=alias,
                query=fitting,
                collapse={"field": "seller"},
                sort=ORDERS[Sort.STRENGTH],
                from_=offset,
                size=limit,
                source_includes=STANDING,
                track_total_hits=False,
            )
            strongest = {
                hit["fields"]["seller"][0]: self._standing(hit["_source"])
                for hit in answer["hits"]["hits"]
            }
            leads = self._leads_of(alias, fitting, list(strongest))
        return [Group(seller, leads[seller], lead) for seller, lead in strongest.items()]

    def _leads_of(self, alias: str, fitting: Clause, sellers: list[str]) -> dict[str, int]:
        if not sellers:
            return {}
        answer = self._client.search(
            index=alias,
            query={"bool": {"filter": [fitting, {"terms": {"seller": sellers}}]}},
            size=0,
            aggs={"sellers": _values("seller", len(sellers))},
        )
        buckets = answer["aggregations"]["sellers"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _values(field: str, most: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": most, "shard_size": max(_EVERY, most)}}
