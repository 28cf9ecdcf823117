"""The embedded store: one SQLite file that any SQLite browser reads.

Every call is a transaction of its own (``put`` one per 500 leads), in write-ahead mode: a killed
process loses nothing that was acknowledged. Against a power cut, judgements are also synced to the
disk at once, listings and leads by the next judgement, checkpoint or close. Readers see the moment
they began and never wait for a writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal, Self, TypeVar

from leads.faults import why
from leads.model import Judgement, Lead, Listing, State, Visit
from leads.query import Query
from leads.sight import Sight
from leads.store import Standing, StoreError
from leads.store.conditions import condition
from leads.store.rows import (
    PUT_LEAD,
    PUT_WORDS,
    SEE,
    SEEN_EARLIER,
    Cell,
    lead_row,
    listing_row,
    tags,
    utc,
    word_row,
)
from leads.store.schema import APPLICATION_ID, STEPS

R = TypeVar("R")

_BATCH = 500
_WAIT = 30
"""Seconds to wait for another process that is writing."""

_REASONS = {
    sqlite3.SQLITE_CANTOPEN: "无法打开，请检查路径和权限",
    sqlite3.SQLITE_NOTADB: "不是数据库文件",
    sqlite3.SQLITE_CORRUPT: "数据库已损坏，请用备份恢复",
    sqlite3.SQLITE_READONLY: "只读，无法写入",
    sqlite3.SQLITE_FULL: "磁盘已满",
    sqlite3.SQLITE_IOERR: "读写失败，磁盘可能已满或有故障",
    sqlite3.SQLITE_BUSY: "正被其他进程占用，请稍后再试",
    sqlite3.SQLITE_PERM: "没有权限",
}


class SQLiteStore:
    """A :class:`leads.store.Store` in the file at ``path``; made, with its folder, when missing.

    Raises:
        StoreError: the file cannot be opened or written, is no store, or of a newer version, or
            is missing and was not to be made.
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path = Path(path)
        if not create and not self.path.exists():
            raise StoreError(f"存储 {self.path}：没有这个文件，请检查 --store 或先采集、导入")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"存储 {self.path}：无法建立文件夹（{why(error)}）") from error
        with self._named():
            self._db = self._connect()
        try:
            with self._named():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    # ------------------------------------------------------------------ listings

    def see(self, listing: Listing) -> None:
        """See :meth:`leads.store.Store.see`; without time of capture it is seen now."""
        row = listing_row(listing, datetime.now(UTC))
        with self._writing():
            self._db.execute(SEE, row)
            self._db.execute(SEEN_EARLIER, row)

    def listings(self, since: datetime | None = None) -> Iterator[Listing]:
        """See :meth:`leads.store.Store.listings`."""
        sql = "SELECT body FROM listing WHERE last_seen >= ? ORDER BY last_seen, site, ref"
        return self._read(Listing.model_validate_json, sql, [utc(since) if since else ""])

    # ------------------------------------------------------------------ leads

    def put(self, leads: Iterable[Lead]) -> None:
        """See :meth:`leads.store.Store.put`."""
        waiting = iter(leads)
        while batch := [
            (lead_row(lead), word_row(lead), tags(lead)) for lead in islice(waiting, _BATCH)
        ]:
            with self._writing():
                for row, cut, tagged in batch:
                    self._put(row, cut, tagged)

    def _put(
        self, row: Mapping[str, Cell], cut: Mapping[str, str], tagged: set[tuple[str, str]]
    ) -> None:
        self._db.execute(PUT_LEAD, row)
        ((number,),) = self._db.execute("SELECT number FROM lead WHERE id = ?", [row["id"]])
        self._db.execute(PUT_WORDS, {"number": number, **cut})
        self._db.execute("DELETE FROM lead_tag WHERE number = ?", [number])
        self._db.executemany(
            "INSERT OR IGNORE INTO lead_tag (number, field, value) VALUES (?, ?, ?)",
            [(number, *tag) for tag in tagged],
        )

    def drop(self, site: str, ref: str, keep: Sequence[str], rights: Sequence[str] | None) -> int:
        """See :meth:`leads.store.Store.drop`."""
        with self._writing():
            found = self._db.execute(
                "SELECT id, right_id FROM lead WHERE site = ? AND ref = ?"
                " AND NOT EXISTS (SELECT 1 FROM judgement WHERE judgement.lead = lead.id)",
                [site, ref],
            ).fetchall()
            gone = [
                (lead,)
                for lead, right in found
                if lead not in keep and (rights is None or right in rights)
            ]
            self._db.executemany("DELETE FROM lead WHERE id = ?", gone)
        return len(gone)

    def get(self, lead_id: str) -> Standing | None:
        """See :meth:`leads.store.Store.get`."""
        with self._named():
            row = self._db.execute(
                "SELECT body, state FROM lead WHERE id = ?", [lead_id]
            ).fetchone()
        return self._made(_standing, row) if row else None

    def find(self, query: Query, limit: int | None = None, offset: int = 0) -> Iterator[Standing]:
        """See :meth:`leads.store.Store.find`."""
        where, values = condition(query)
        sql = (
            f"SELECT body, state FROM lead WHERE {where}"  # noqa: S608  # only columns and marks
            " ORDER BY rank, score DESC, id LIMIT ? OFFSET ?"
        )
        return self._read(_standing, sql, [*values, -1 if limit is None else limit, offset])

    def count(self, query: Query) -> int:
        """See :meth:`leads.store.Store.count`."""
        where, values = condition(query)
        return self._number(f"SELECT count(*) FROM lead WHERE {where}", values)  # noqa: S608

    # ------------------------------------------------------------------ judgements

    def judge(self, judgement: Judgement) -> None:
        """See :meth:`leads.store.Store.judge`."""
        with self._writing(sync="FULL"):
            known = self._db.execute("SELECT 1 FROM lead WHERE id = ?", [judgement.lead]).fetchone()
            if known is None:
                raise KeyError(judgement.lead)
            self._db.execute(
                'INSERT INTO judgement (lead, state, reason, "by", at, body)'
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    judgement.lead,
                    judgement.state.value,
                    judgement.reason,
                    judgement.by,
                    utc(judgement.at),
                    judgement.model_dump_json(),
                ],
            )

    def judgements(self, lead_id: str) -> Sequence[Judgement]:
        """See :meth:`leads.store.Store.judgements`."""
        sql = "SELECT body FROM judgement WHERE lead = ? ORDER BY number"
        return list(self._read(Judgement.model_validate_json, sql, [lead_id]))

    # ------------------------------------------------------------------ visits

    def visit(self, visit: Visit) -> None:
        """See :meth:`leads.store.Store.visit`."""
        with self._writing():
            self._db.execute(
                "INSERT INTO visit (at, site, url, verdict, listings, reason, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    utc(visit.at),
                    visit.site,
                    visit.url,
                    visit.verdict.value,
                    visit.listings,
                    visit.reason,
                    visit.model_dump_json(),
                ],
            )

    def visits(self, since: datetime | None = None) -> Iterator[Visit]:
        """See :meth:`leads.store.Store.visits`."""
        sql = "SELECT body FROM visit WHERE at >= ? ORDER BY at, number"
        return self._read(Visit.model_validate_json, sql, [utc(since) if since else ""])

    # ------------------------------------------------------------------ pictures

    def keep_sight(self, sight: Sight) -> None:
        """See :meth:`leads.store.Store.keep_sight`."""
        with self._writing():
            self._db.execute(
                "INSERT OR REPLACE INTO sight (sha256, legible, bank, body) VALUES (?, ?, ?, ?)",
                [sight.sha256, sight.legible.value, sight.bank, sight.model_dump_json()],
            )

    def sights(self, sha256s: Iterable[str]) -> Mapping[str, Sight]:
        """See :meth:`leads.store.Store.sights`."""
        found: dict[str, Sight] = {}
        waiting = iter(sha256s)
        while batch := list(islice(waiting, _BATCH)):
            marks = ", ".join("?" * len(batch))
            sql = f"SELECT body FROM sight WHERE sha256 IN ({marks})"  # noqa: S608
            found |= {s.sha256: s for s in self._read(Sight.model_validate_json, sql, batch)}
        return found

    # ------------------------------------------------------------------ the whole

    def totals(self) -> Mapping[str, int]:
        """See :meth:`leads.store.Store.totals`."""
        return {
            f"{table}s": self._number(f"SELECT count(*) FROM {table}", [])  # noqa: S608
            for table in ("listing", "lead", "judgement", "visit")
        }

    def close(self) -> None:
        """See :meth:`leads.store.Store.close`."""
        with self._named():
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA cache_size = -65536")  # KiB
        self._db.execute("PRAGMA wal_autocheckpoint = 10000")  # pages, so 40 MB
        if self._version() == len(STEPS):
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._writing():
            for step in STEPS[self._version() :]:
                for statement in step:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {len(STEPS)}")

    def _version(self) -> int:
        """Return how many steps the file has taken; 0 for a new file."""
        version = self._number("PRAGMA user_version", [])
        ours = self._number("PRAGMA application_id", []) == APPLICATION_ID
        if not ours and self._number("SELECT count(*) FROM sqlite_master", []):
            raise StoreError(f"存储 {self.path}：是其他程序的数据库，不是线索库")
        if version > len(STEPS):
            raise StoreError(
                f"存储 {self.path}：由更新版本的程序建立"
                f"（结构版本 {version}，本程序最高支持 {len(STEPS)}），请升级程序"
            )
        return version

    def _read(self, make: Callable[..., R], sql: str, values: Sequence[Cell]) -> Iterator[R]:
        # A connection of its own keeps the moment while leads are written in between.
        with self._named(), closing(self._connect()) as db:
            for row in db.execute(sql, values):
                yield self._made(make, row)

    def _made(self, make: Callable[..., R], row: Sequence[str]) -> R:
        try:
            return make(*row)
        except ValueError as error:
            reason = "记录无法读取，已损坏或由更新版本的程序写入"
            raise StoreError(f"存储 {self.path}：{reason}（{error}）") from error

    def _number(self, sql: str, values: Sequence[Cell]) -> int:
        with self._named():
            (number,) = self._db.execute(sql, values).fetchone()
        return int(number)

    @contextmanager
    def _writing(self, sync: Literal["NORMAL", "FULL"] = "NORMAL") -> Iterator[None]:
        """Commit what is written inside, or none of it."""
        with self._named():
            self._db.execute(f"PRAGMA synchronous = {sync}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn an error of SQLite into one that names this store."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            reason = _REASONS.get(code, "操作失败")
            raise StoreError(f"存储 {self.path}：{reason}（{error}）") from error


def _standing(body: str, state: str) -> Standing:
    return Standing(Lead.model_validate_json(body), State(state))
