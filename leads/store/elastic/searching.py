"""Searching a store in Elasticsearch: pages in order, and everything as it was at one moment."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from leads.model import Lead, State
from leads.query import Query
from leads.store import Page, Part, Sort, Standing, StoreError
from leads.store.elastic.condition import Clause, condition
from leads.store.elastic.documents import Document
from leads.store.elastic.faults import FAULTS
from leads.store.elastic.writing import Writing

ORDERS: dict[Sort, list[dict[str, Any]]] = {
    Sort.STRENGTH: [{"rank": "asc"}, {"score": "desc"}, {"id": "asc"}],
    Sort.NEWEST: [{"found_us": "desc"}, {"id": "asc"}],
    Sort.OLDEST: [{"found_us": "asc"}, {"id": "asc"}],
    Sort.CHEAPEST: [{"price": {"order": "asc", "missing": "_last"}}, {"id": "asc"}],
    Sort.DEAREST: [{"price": {"order": "desc", "missing": "_last"}}, {"id": "asc"}],
}
STANDING = ["body", "state"]

_KEPT = "10m"
"""How long the cluster keeps a moment for a reader who does not ask for more."""
_AT_ONCE = 500


class Searching(Writing):
    """Leads that fit a query, in order."""

    def find(
        self, query: Query, sort: Sort = Sort.STRENGTH, limit: int | None = None
    ) -> Iterator[Standing]:
        """See :meth:`leads.store.Store.find`."""
        found = self._scan(Part.LEADS, condition(query), ORDERS[sort], STANDING, most=limit)
        return (self._standing(source) for source in islice(found, limit))

    def search(
        self, query: Query, sort: Sort = Sort.STRENGTH, after: str | None = None, limit: int = 50
    ) -> Page:
        """See :meth:`leads.store.Store.search`."""
        place = _place(after, len(ORDERS[sort])) if after else None
        alias = self._settled(Part.LEADS)
        if alias is None:
            return Page([], None)
        with self._named():
            answer = self._client.search(
                index=alias,
                query=condition(query),
                sort=ORDERS[sort],
                search_after=place,
                size=limit + 1,
                source_includes=STANDING,
                track_total_hits=False,
            )
        hits = answer["hits"]["hits"]
        leads = [self._standing(hit["_source"]) for hit in hits[:limit]]
        return Page(leads, _token(hits[limit - 1]["sort"]) if len(hits) > limit else None)

    def _scan(
        self,
        part: Part,
        query: Clause,
        order: Sequence[dict[str, Any]],
        fields: Sequence[str],
        most: int | None = None,
    ) -> Iterator[Document]:
        """Yield the sources of documents in an order that no two share, as of now."""
        alias = self._settled(part)
        if alias is None:
            return
        with self._named():
            moment = self._client.open_point_in_time(index=alias, keep_alive=_KEPT)["id"]
        place: list[Any] | None = None
        size = _AT_ONCE if most is None else min(most, _AT_ONCE)
        try:
            while True:
                with self._named():
                    answer = self._client.search(
                        pit={"id": moment, "keep_alive": _KEPT},
                        query=query,
                        sort=[*order],
                        search_after=place,
                        size=size,
                        source_includes=list(fields),
                        track_total_hits=False,
                    )
                hits = answer["hits"]["hits"]
                moment = answer.get("pit_id", moment)
                yield from (hit["_source"] for hit in hits)
                if len(hits) < size:
                    return
                place = hits[-1]["sort"]
        finally:
            with suppress(*FAULTS):  # it ends by itself, only later
                self._client.close_point_in_time(id=moment)

    def _total(self, part: Part) -> int:
        """Return how many documents a part has."""
        alias = self._settled(part)
        if alias is None:
            return 0
        with self._named():
            return int(self._client.count(index=alias)["count"])

    def _standing(self, source: Document) -> Standing:
        return Standing(self._made(Lead, source["body"]), State(source["state"]))

    def _made(self, kind: Any, body: str) -> Any:
        try:
            return kind.model_validate_json(body)
        except ValueError as error:
            reason = "记录无法读取，已损坏或由更新版本的程序写入"
            raise StoreError(f"存储 {self.address}：{reason}（{error}）") from error


def _token(place: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(token: str, length: int) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except ValueError as error:
        raise ValueError(f"not a place in this order: {token!r}") from error
    if not isinstance(place, list) or len(place) != length:
        raise ValueError(f"not a place in this order: {token!r}")
    if not all(isinstance(value, str | int | float) for value in place):
        raise ValueError(f"not a place in this order: {token!r}")
    return place
