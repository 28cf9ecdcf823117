"""The ledger's file: runs and their plans, and which listings are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from leads.ledger.records import Due, Plan, Run
from leads.ledger.schema import APPLICATION_ID, STEPS
from leads.store import StoreError
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import Cell, utc

KEPT = timedelta(days=30)
"""How long the requests of a run stay to be looked up; what is known of listings stays."""


class Ledger(File):
    """The ledger at ``path``, of what was crawled for one store.

    Another store has seen other listings: what the ledger knows for one counts for no other.

    Raises:
        StoreError: the file cannot be opened, is damaged, or of a newer version.
    """

    NAME: ClassVar = "采集台账"
    HOLDS: ClassVar = "采集台账"
    APPLICATION_ID: ClassVar = APPLICATION_ID
    STEPS: ClassVar = STEPS

    def __init__(self, path: str | Path, store: str) -> None:
        super().__init__(path)
        try:
            self._check()
            named = [_without_secret(store)]
            with self._writing():
                self._db.execute("INSERT OR IGNORE INTO place (store) VALUES (?)", named)
            self.place = self._number("SELECT number FROM place WHERE store = ?", named)
        except BaseException:
            self._db.close()
            raise

    def _check(self) -> None:
        [(found,)] = self._rows("PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreError(
                f"{self.NAME} {self.path}：数据库已损坏，请移走此文件后重新采集（{found}）"
            )

    # ------------------------------------------------------------------ runs

    def begin(self, run: str, plans: Iterable[Plan]) -> Run:
        """Note what a run is to do, if it is new; one that was begun before keeps its plans.

        Requests of runs that began longer than :data:`KEPT` ago are forgotten.
        """
        now = datetime.now(UTC)
        with self._writing():
            self._db.execute("DELETE FROM run WHERE began < ?", [utc(now - KEPT)])
            begun = self._db.execute(
                "INSERT OR IGNORE INTO run (place, id, began) VALUES (?, ?, ?)",
                [self.place, run, utc(now)],
            )
            if begun.rowcount:
                self._db.executemany(
                    "INSERT INTO plan (run, site, body) VALUES (?, ?, ?)",
                    [(begun.lastrowid, plan.site, plan.model_dump_json()) for plan in plans],
                )
        return self.run(run)

    def run(self, run: str) -> Run:
        """Return a run.

        Raises:
            KeyError: there is none of this id.
        """
        sql = "SELECT id, began, ended FROM run WHERE place = ? AND id = ?"
        found = self._rows(sql, [self.place, run])
        if not found:
            raise KeyError(run)
        return self._made(_run, found[0])

    def unfinished(self) -> Run | None:
        """Return the run that was begun last, if it has not ended."""
        sql = "SELECT id, began, ended FROM run WHERE place = ? ORDER BY number DESC LIMIT 1"
        last = [self._made(_run, row) for row in self._rows(sql, [self.place])]
        return next((run for run in last if run.ended is None), None)

    def plans(self, run: str) -> Sequence[Plan]:
        """Return what a run has to do, finished or not."""
        sql = "SELECT body FROM plan WHERE run = ? ORDER BY site"
        rows = self._rows(sql, [self.number(run)])
        return [self._made(Plan.model_validate_json, row) for row in rows]

    def finished(self, run: str) -> frozenset[str]:
        """Return the sites of a run that have nothing left to do."""
        sql = "SELECT site FROM plan WHERE run = ? AND finish = 'finished'"
        return frozenset(str(site) for (site,) in self._rows(sql, [self.number(run)]))

    def end(self, run: str) -> None:
        """Note that a run is over: it is not taken up again."""
        with self._writing():
            self._db.execute(
                "UPDATE run SET ended = ? WHERE number = ? AND ended IS NULL",
                [utc(datetime.now(UTC)), self.number(run)],
            )

    def number(self, run: str) -> int:
        """Return the number under which the tables know a run."""
        sql = "SELECT ifnull(max(number), 0) FROM run WHERE place = ? AND id = ?"
        return self._number(sql, [self.place, run])

    # ------------------------------------------------------------------ what a run has brought

    def stages(self, run: str, site: str) -> dict[str, int]:
        """Return how many requests stand at each :class:`leads.ledger.records.Stage`."""
        sql = "SELECT stage, count(*) FROM task WHERE run = ? AND site = ? GROUP BY stage"
        return {
            str(stage): int(str(count))
            for stage, count in self._rows(sql, [self.number(run), site])
        }

    def brought(self, run: str, site: str) -> tuple[int, int, int]:
        """Return how many listings were read, how many were only seen again, and their leads."""
        sql = "SELECT count(*), ifnull(sum(read), 0), ifnull(sum(leads), 0) FROM taken"
        row = self._rows(f"{sql} WHERE run = ? AND site = ?", [self.number(run), site])[0]
        every, read, leads = (int(str(cell)) for cell in row)
        return read, every - read, leads

    def unlooked(self, run: str) -> Sequence[tuple[str, str]]:
        """Return the listings (site, ref) of a run whose pictures are still to be looked at."""
        sql = "SELECT site, ref FROM taken WHERE run = ? AND NOT looked ORDER BY site, ref"
        return [(str(site), str(ref)) for site, ref in self._rows(sql, [self.number(run)])]

    def pictures(self, site: str, since: datetime) -> int:
        """Return how many pictures were fetched for a site since a moment."""
        sql = "SELECT count(*) FROM picture WHERE site = ? AND at >= ?"
        return self._number(sql, [site, utc(since)])

    # ------------------------------------------------------------------ listings

    def due(self, site: str, day: date) -> Sequence[Due]:
        """Return the known listings of a site to be looked at by ``day``, those due first first."""
        sql = (
            "SELECT ref, url FROM listing WHERE place = ? AND site = ? AND due <= ?"
            " AND url IS NOT NULL ORDER BY due, ref"
        )
        rows = self._rows(sql, [self.place, site, day.isoformat()])
        return [Due(ref=str(ref), url=str(url)) for ref, url in rows]

    def forget(self) -> None:
        """Forget all listings: the store they were in holds none any more."""
        with self._writing():
            self._db.execute("DELETE FROM listing WHERE place = ?", [self.place])

    # ------------------------------------------------------------------ for its other parts

    def ask(self, sql: str, values: Sequence[Cell]) -> Sequence[tuple[Cell, ...]]:
        """Return a few rows."""
        return self._rows(sql, values)

    def write(self, statements: Iterable[tuple[str, Sequence[Cell]]]) -> None:
        """Carry out statements in one transaction."""
        with self._writing():
            for sql, values in statements:
                self._db.execute(sql, values)


def _without_secret(store: str) -> str:
    """Return a store's address in the one form that is always the same, without a password."""
    scheme, _, file = store.partition(":///")
    if scheme == "sqlite":
        return f"sqlite:///{Path(file).resolve()}"
    parts = urlsplit(store)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _run(run: str, began: str, ended: str | None) -> Run:
    return Run(run, datetime.fromisoformat(began), datetime.fromisoformat(ended) if ended else None)
