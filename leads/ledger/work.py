"""The crawl of one site in one run: what is planned, how far each request is, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from leads.beijing import BEIJING
from leads.ledger.ledger import Ledger
from leads.ledger.memory import Memory
from leads.ledger.records import ITEM, Glimpse, Stage, Task
from leads.model import Listing
from leads.schedule import Schedule
from leads.store import Store
from leads.store.sqlite.rows import Cell

_PLAN = """
    INSERT OR IGNORE INTO task (run, site, key, url, callback, errback, kwargs, priority, outline)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_TAKE = """
    INSERT INTO taken (run, site, ref, read, leads, looked) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET read = max(read, excluded.read),
    leads = max(leads, excluded.leads), looked = excluded.looked
"""


class Batch(NamedTuple):
    """Statements that belong together, in their order."""

    writes: Sequence[tuple[str, tuple[Cell, ...]]]


class Work:
    """One site's part of a run, with the store that it fills.

    Everything is noted in memory and written by :meth:`write`, all that belongs together in one
    transaction: a request never counts as stored without those it led to being planned. So
    whenever the process is killed, what the file says is how things stood a moment before.
    """

    def __init__(
        self, ledger: Ledger, run: str, site: str, store: Store, schedule: Schedule
    ) -> None:
        self.site = site
        self.store = store
        self._ledger = ledger
        self._own: tuple[Cell, Cell] = ledger.number(run), site
        today = datetime.now(BEIJING).date()
        self.memory = Memory(ledger, site, schedule, today, self._note)
        self._writes: list[tuple[str, tuple[Cell, ...]]] = []
        self._planned = {
            str(key) for (key,) in self._ask("SELECT key FROM task WHERE run = ? AND site = ?")
        }
        self._outlines: dict[str, str] = {}
        self._broken: dict[str, Stage] = {}

    # ------------------------------------------------------------------ requests

    def plan(self, task: Task) -> bool:
        """Plan a request, unless this run has it already; tell whether it is new."""
        if task.key in self._planned:
            return False
        self._planned.add(task.key)
        self._note(_PLAN, *self._own, *task)
        self._expect(task)
        return True

    def unfinished(self) -> Sequence[Task]:
        """Return the requests that an earlier process has planned and not brought to their end."""
        sql = (
            "SELECT key, url, callback, errback, kwargs, priority, outline FROM task"
            " WHERE run = ? AND site = ? AND stage != 'stored' ORDER BY number"
        )
        tasks = [Task(*row) for row in self._ask(sql)]  # type: ignore[arg-type]  # as we wrote them
        for task in tasks:
            self._expect(task)
        return tasks

    def fetched(self, key: str) -> None:
        """Note that a request's page was received."""
        self._stage(key, Stage.FETCHED)

    def broken(self, key: str, stage: Stage) -> None:
        """Note that an error kept a request from coming further than ``stage``."""
        self._broken.setdefault(key, stage)

    # ------------------------------------------------------------------ what came

    def took(
        self, listing: Listing, at: datetime, leads: int, *, looked: bool, campaign: bool = False
    ) -> None:
        """Note a listing that was read and lies in the store, with the number of its leads.

        ``looked`` is False where its pictures are still to be looked at, ``campaign`` True where a
        campaign that runs watches it.
        """
        self._note(_TAKE, *self._own, listing.key[1], 1, leads, int(looked))
        self.memory.saw(listing, at, lead=leads > 0, campaign=campaign)

    def looked(self, listing: Listing, leads: int) -> None:
        """Note that a listing's pictures were looked at."""
        self._note(_TAKE, *self._own, listing.key[1], 1, leads, 1)
        if leads:
            self.memory.leads(listing)

    def glimpsed(self, glimpse: Glimpse) -> None:
        """Note listings that were only seen to be there still, or missed."""
        if not glimpse.there:
            self.memory.missed(glimpse.refs)
            return
        for ref in glimpse.refs:
            self._note(_TAKE, *self._own, ref, 0, 0, 1)
        self.memory.still(glimpse.refs, glimpse.at)

    def shows(self, listing: Listing, sources: Iterable[str]) -> None:
        """Note which references a listing shows."""
        for source in sources:
            values = *self._own, source, listing.key[1], listing.seller_key
            self._note("INSERT OR IGNORE INTO shown VALUES (?, ?, ?, ?, ?)", *values)

    def taken(self) -> Sequence[str]:
        """Return the listings that earlier processes of this run have read."""
        sql = "SELECT ref FROM taken WHERE run = ? AND site = ? AND read"
        return [str(ref) for (ref,) in self._ask(sql)]

    def unlooked(self) -> Sequence[str]:
        """Return those whose pictures were not looked at."""
        sql = "SELECT ref FROM taken WHERE run = ? AND site = ? AND NOT looked ORDER BY ref"
        return [str(ref) for (ref,) in self._ask(sql)]

    def shown(self) -> Mapping[str, Mapping[str, str | None]]:
        """Return the references seen in this run: on which listings, of which seller."""
        found: dict[str, dict[str, str | None]] = {}
        sql = "SELECT source, ref, seller FROM shown WHERE run = ? AND site = ? ORDER BY ref"
        for source, ref, seller in self._ask(sql):
            found.setdefault(str(source), {})[str(ref)] = str(seller) if seller else None
        return found

    # ------------------------------------------------------------------ the file

    def batch(self, finished: Iterable[str]) -> Batch:
        """Return what was noted so far, these requests being at their end.

        Once it was taken, the store is flushed, and then it is written.
        """
        for key in finished:
            stage = self._broken.pop(key, Stage.STORED)
            self._stage(key, stage)
            outline = self._outlines.pop(key, None)
            if outline and stage is Stage.STORED:
                self.memory.told(key.removeprefix(ITEM), outline)
        batch, self._writes = Batch(self._writes), []
        return batch

    def write(self, batch: Batch) -> None:
        """Write what was noted, all or nothing."""
        if batch.writes:
            self._ledger.write(batch.writes)

    def restore(self, batch: Batch) -> None:
        """Take back what could not be written: it belongs before all that was noted since."""
        self._writes[:0] = batch.writes

    def finish(self, reason: str) -> None:
        """Note why the crawl of the site ended; what has finished is not taken up again."""
        sql = "UPDATE plan SET finish = ? WHERE run = ? AND site = ?"
        self._ledger.write([(sql, (reason, *self._own))])

    def _stage(self, key: str, stage: Stage) -> None:
        sql = "UPDATE task SET stage = ? WHERE run = ? AND site = ? AND key = ?"
        self._note(sql, stage.value, *self._own, key)

    def _expect(self, task: Task) -> None:
        if task.outline:
            self._outlines[task.key] = task.outline

    def _note(self, sql: str, *values: Cell) -> None:
        self._writes.append((sql, values))

    def _ask(self, sql: str) -> Sequence[tuple[Cell, ...]]:
        return self._ledger.ask(sql, list(self._own))
