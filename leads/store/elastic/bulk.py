"""Many writes at once: what the cluster is too busy for is sent again, what it refuses is told."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from elasticsearch import Elasticsearch
from pydantic_core import to_json

from leads.store.elastic.faults import BUSY

CHUNK_BYTES = 4_000_000
CHUNK_ACTIONS = 500
_LANES = 2
"""Requests under way at once."""
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try."""

_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Action:
    """One write; ``seen`` is sequence number and term of the document it was made from."""

    op: Literal["index", "create", "delete"]
    index: str
    id: str
    document: dict[str, Any] | None = None
    seen: tuple[int, int] | None = None


@dataclass(slots=True)
class Outcome:
    """What became of many writes; what is in neither list is done."""

    conflicts: list[Action] = field(default_factory=list)
    """Someone else wrote the document meanwhile."""
    refused: list[tuple[Action, str]] = field(default_factory=list)
    """With the cluster's own words."""


def send(client: Elasticsearch, actions: Iterable[Action], *, aliases_only: bool = True) -> Outcome:
    """Write all actions, no document twice, in any order; tries again for about eight seconds.

    With ``aliases_only`` a write to what is no alias is refused instead of making an index.

    Raises:
        ApiError, TransportError: a whole request failed, even when tried again.
    """
    outcome = Outcome()
    with ThreadPoolExecutor(_LANES) as lanes:
        under_way: list[Future[Outcome]] = []
        for chunk in _chunks(actions):
            if len(under_way) == _LANES:
                _add(outcome, under_way.pop(0).result())
            under_way.append(lanes.submit(_send, client, chunk, aliases_only))
        for future in under_way:
            _add(outcome, future.result())
    return outcome


def _chunks(actions: Iterable[Action]) -> Iterator[list[tuple[Action, bytes]]]:
    chunk: list[tuple[Action, bytes]] = []
    size = 0
    for action in actions:
        lines = _lines(action)
        if chunk and (size + len(lines) > CHUNK_BYTES or len(chunk) == CHUNK_ACTIONS):
            yield chunk
            chunk, size = [], 0
        chunk.append((action, lines))
        size += len(lines)
    if chunk:
        yield chunk


def _lines(action: Action) -> bytes:
    target: dict[str, Any] = {"_index": action.index, "_id": action.id}
    if action.seen:
        target["if_seq_no"], target["if_primary_term"] = action.seen
    head = to_json({action.op: target})
    return head if action.document is None else head + b"\n" + to_json(action.document)


def _send(
    client: Elasticsearch, chunk: Sequence[tuple[Action, bytes]], aliases_only: bool
) -> Outcome:
    outcome = Outcome()
    for pause in (*_PAUSES, None):
        operations: list[Any] = [lines for _, lines in chunk]
        answer = client.bulk(
            operations=operations,
            require_alias=aliases_only,
            filter_path=["errors", "items.*.status", "items.*.error.*"],
        )
        if not answer.get("errors"):
            return outcome
        busy = []
        for one, item in zip(chunk, answer["items"], strict=True):
            (told,) = item.values()
            if told["status"] in BUSY and pause is not None:
                busy.append(one)
            elif told["status"] == _CONFLICT:
                outcome.conflicts.append(one[0])
            elif told["status"] >= 300 and not (one[0].op == "delete" and told["status"] == 404):
                outcome.refused.append((one[0], _words(told)))
        if not busy or pause is None:
            break
        time.sleep(pause)
        chunk = busy
    return outcome


def _words(told: dict[str, Any]) -> str:
    error = told.get("error", {})
    cause = error.get("caused_by", {}).get("reason", "")
    return " ".join(f"{told['status']} {error.get('type')}: {error.get('reason')} {cause}".split())


def _add(total: Outcome, part: Outcome) -> None:
    total.conflicts += part.conflicts
    total.refused += part.refused
