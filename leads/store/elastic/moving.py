"""Building indices anew while they are read and written: a changed mapping needs no stop.

Every record is read back from its ``body`` and made into a document as today's program makes it. A
first pass copies while others go on writing; then the old index is closed for writing, a second
pass brings over what changed meanwhile, and the aliases move in one step. Writers keep what they
cannot send during the second pass on their disks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from leads.exclusions import Exclusion
from leads.model import Judgement, Lead, Visit
from leads.sight import Sight
from leads.sighting import Known, Sighting
from leads.store import Part, StoreError
from leads.store.elastic import documents as docs
from leads.store.elastic.bulk import Action, send
from leads.store.elastic.documents import Document
from leads.store.elastic.indices import Index, Indices
from leads.store.elastic.planning import STANDING

Progress = Callable[[str, int, int], None]
"""Told the index, how many documents are done, and of how many."""

_AT_ONCE = 1000
_KEPT = "10m"


def rebuild(client: Elasticsearch, indices: Indices, old: Index, progress: Progress) -> int:
    """Build an index anew and put it in the old one's place; return how many documents it holds.

    The old index stays, closed for writing, until it is removed by hand or by ``tidy``.

    Raises:
        StoreError: a document cannot be made anew; nothing has changed then.
    """
    indices.set_templates()
    number = max(one.number for one in indices.all if one.alias == old.alias) + 1
    new = indices.create(old.part, old.alias, number, serves=False)
    try:
        _, until = _copy(client, old, new, -1, progress)
        client.indices.add_block(index=old.name, block="write")
        _copy(client, old, new, until, lambda *_: None)
        _forget(client, old.name, new)
        total = int(client.count(index=new)["count"])
        if total != int(client.count(index=old.name)["count"]):
            raise StoreError(f"索引 {old.name} 与新建的 {new} 条数不同，未切换，请重试")
        moves: list[dict[str, Any]] = []
        for alias in indices.aliases(old.part, old.alias):
            moves.append({"remove": {"index": old.name, "alias": alias}})
            moves.append({"add": {"index": new, "alias": alias}})
        client.indices.update_aliases(actions=moves)
    except BaseException:
        client.indices.put_settings(index=old.name, settings={"index.blocks.write": False})
        client.indices.delete(index=new)
        raise
    indices.load()
    return total


def tidy(client: Elasticsearch, indices: Indices) -> list[str]:
    """Remove our indices that no alias leads to any more; return their names."""
    indices.load()
    idle = [index.name for index in indices.all if not index.serves]
    for name in idle:
        client.indices.delete(index=name)
    return idle


def _copy(
    client: Elasticsearch, old: Index, new: str, since: int, progress: Progress
) -> tuple[int, int]:
    """Copy what was written after sequence number ``since``; return how many, and the last."""
    client.indices.refresh(index=old.name)
    total = int(client.count(index=old.name)["count"])
    done, until = 0, since
    hits = _scan(client, old.name, {"range": {"_seq_no": {"gt": since}}}, STANDING)
    while batch := list(islice(hits, _AT_ONCE)):
        until = max(until, *(hit["_seq_no"] for hit in batch))
        actions = [Action("index", new, hit["_id"], _anew(old, hit)) for hit in batch]
        for action, words in send(client, actions, aliases_only=False).refused:
            raise StoreError(f"索引 {old.name} 的 {action.id} 无法迁移：{words}")
        done += len(batch)
        progress(old.alias, done, total)
    client.indices.refresh(index=new)
    return done, until


def _forget(client: Elasticsearch, old: str, new: str) -> None:
    """Remove from the new index what was removed from the old one meanwhile."""
    there = {hit["_id"] for hit in _scan(client, old, {"match_all": {}}, [])}
    gone = [
        hit["_id"] for hit in _scan(client, new, {"match_all": {}}, []) if hit["_id"] not in there
    ]
    send(client, (Action("delete", new, one) for one in gone), aliases_only=False)
    client.indices.refresh(index=new)


def _scan(
    client: Elasticsearch, index: str, query: dict[str, Any], fields: list[str]
) -> Iterator[dict[str, Any]]:
    moment = client.open_point_in_time(index=index, keep_alive=_KEPT)["id"]
    place = None
    try:
        while True:
            hits = client.search(
                pit={"id": moment, "keep_alive": _KEPT},
                query=query,
                sort=[{"_shard_doc": "asc"}],
                search_after=place,
                size=_AT_ONCE,
                source_includes=fields,
                source=bool(fields),
                seq_no_primary_term=True,
                track_total_hits=False,
            )["hits"]["hits"]
            yield from hits
            if len(hits) < _AT_ONCE:
                return
            place = hits[-1]["sort"]
    finally:
        client.options(ignore_status=404).close_point_in_time(id=moment)


def _anew(old: Index, hit: dict[str, Any]) -> Document:
    body = hit["_source"]["body"]
    try:
        match old.part:
            case Part.LEADS:
                return docs.lead_document(
                    Lead.model_validate_json(body), docs.decided(hit["_source"])
                )
            case Part.LISTINGS:
                return docs.known_document(Known.model_validate_json(body))
            case Part.SIGHTINGS:
                return docs.sighting_document(Sighting.model_validate_json(body))
            case Part.JUDGEMENTS:
                number = int(hit["_id"].rpartition(".")[2])
                return docs.judgement_document(Judgement.model_validate_json(body), number)
            case Part.VISITS:
                return docs.visit_document(Visit.model_validate_json(body))
            case Part.SIGHTS:
                return docs.sight_document(Sight.model_validate_json(body))
            case Part.EXCLUSIONS:
                return docs.exclusion_document(Exclusion.model_validate_json(body))
    except ValueError as error:
        raise StoreError(f"索引 {old.name} 的 {hit['_id']} 无法读取：{error}") from error
