"""How a store in Elasticsearch writes: kept on disk first, sent many at once, nothing lost.

What is written is sent when some hundred operations or five seconds' worth wait, and before
anything is read. While the cluster cannot take it, it stays on disk: a warning says so, reading and
closing raise, and whoever opens the store next sends it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Self

from leads.sighting import Known
from leads.store import Part, StoreError
from leads.store.elastic.bulk import Action, Outcome, send
from leads.store.elastic.faults import refusal
from leads.store.elastic.link import Link
from leads.store.elastic.planning import Planner
from leads.store.elastic.spool import Op, Put, Spool, read

MOST_OPS = 500
MOST_BYTES = 4_000_000
MOST_SECONDS = 5.0
PAUSE = 30.0
"""Seconds between tries to send while the cluster cannot take it."""
_BATCH = 500
_MOST_UNSEEN = 20_000
"""Listings with leads that no search finds yet."""
_TRIES = 8
"""How often a plan is made anew because others wrote the same documents."""

_log = logging.getLogger("markwatch.elastic")


class Writing(Link):
    """Operations on their way."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        super().__init__(url, create=create)
        self._planner = Planner(self._client, self._indices)
        self._next_try = 0.0
        self._since = 0.0
        """When the oldest fresh operation came."""
        self._unseen: dict[tuple[str, str], set[str]] = {}
        """By listing the leads sent since the last refresh: no search finds what they are now."""
        self._recent: dict[str, Known | None] = {}
        """Listings as they will be once what waits is sent."""
        try:
            self._spool = Spool(str(self.address))
            self._adopt()
        except BaseException:
            self._client.close()
            raise

    def flush(self) -> None:
        """See :meth:`leads.store.Store.flush`; what waits is on the disk already."""
        self._spool.sync()

    def _catch_up(self) -> None:
        """Send everything that waits.

        Raises:
            StoreError: it cannot be sent now; it stays on disk.
        """
        try:
            for segment in self._spool.waiting():
                self._deliver(read(segment))
                segment.unlink()
            if self._spool.fresh:
                self._deliver(self._spool.fresh)
                self._spool.sent()
        except StoreError as error:
            if self._spool.fresh:
                self._spool.rotate()
            self._next_try = time.monotonic() + PAUSE
            self._recent.clear()
            raise StoreError(
                f"{error}；未送达的内容暂存于 {self._spool.folder}，下次运行时自动补送"
            ) from error
        self._next_try = 0.0
        self._recent.clear()

    def close(self) -> None:
        """See :meth:`leads.store.Store.close`."""
        try:
            self._catch_up()
            with self._named():  # for whoever reads next, in another process
                for part in Part:
                    self._refresh(part)
        finally:
            self._spool.close()
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _adopt(self) -> None:
        for segment in self._spool.orphans():
            self._deliver(read(segment))
            segment.unlink()
            _log.info("已补送上次未送达的内容：%s", segment)

    def _note(self, op: Op, *, sync: bool = False) -> None:
        """Acknowledge an operation; send what waits if it is much, or waits long."""
        now = time.monotonic()
        if not self._spool.fresh:
            self._since = now
        self._spool.add(op, sync=sync)
        due = (
            len(self._spool.fresh) >= MOST_OPS
            or self._spool.size >= MOST_BYTES
            or now - self._since >= MOST_SECONDS
        )
        if due and now >= self._next_try:
            try:
                self._catch_up()
            except StoreError as error:
                _log.warning("%s", error)
        elif due:
            self._spool.rotate()

    def _deliver(self, ops: Iterable[Op]) -> None:
        waiting = iter(ops)
        while batch := list(islice(waiting, _BATCH)):
            with self._named():
                self._do(batch)

    def _do(self, ops: Sequence[Op]) -> None:
        leads = [lead for op in ops if isinstance(op, Put) for lead in op.leads]
        many = len(self._unseen) > _MOST_UNSEEN
        if many or any(lead.id in self._unseen.get(lead.listing.key, ()) for lead in leads):
            self._refresh_leads()
        for _ in range(_TRIES):
            plan = self._planner.plan(ops)
            outcome = self._send(plan.first)
            if not outcome.conflicts:
                outcome = self._send(plan.then)
            if not outcome.conflicts:
                for lead in leads:
                    self._unseen.setdefault(lead.listing.key, set()).add(lead.id)
                return
            self._indices.load()
            self._dirty.update(action.index for action in outcome.conflicts)
            self._refresh_leads()
        raise StoreError(f"存储 {self.address}：其他进程一直在写同样的内容，请稍后再试")

    def _sure(self, actions: Sequence[Action]) -> None:
        """Write what nobody else may be writing now."""
        if self._send(actions).conflicts:
            raise StoreError(f"存储 {self.address}：复制期间有其他进程在写入，请重新运行")

    def _send(self, actions: Sequence[Action]) -> Outcome:
        if not actions:
            return Outcome()
        self._dirty.update(action.index for action in actions)
        outcome = send(self._client, actions)
        if outcome.refused:
            action, words = outcome.refused[0]
            raise StoreError(
                f"存储 {self.address}：{len(outcome.refused)} 条记录被拒绝，"
                f"如 {action.index} 的 {action.id}：{refusal(words)}"
            )
        return outcome

    def _refresh_leads(self) -> None:
        self._refresh(Part.LEADS)
        self._unseen.clear()

    def _settled(self, part: Part) -> str | None:
        """Send and refresh everything of a part; return its alias, None while there is nothing."""
        self._catch_up()
        with self._named():
            if part is Part.LEADS:
                self._refresh_leads()
            else:
                self._refresh(part)
            return self._alias(part)
