"""A file of SQLite: opened, brought up to date, written in transactions; as it is, the store's."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar, Literal, Self, TypeVar

from leads.faults import why
from leads.store import StoreError
from leads.store.sqlite.rows import Cell
from leads.store.sqlite.schema import APPLICATION_ID, STEPS, Statement

R = TypeVar("R")

WAIT = 30
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


class File:
    """An open file at ``path``; the classes that build on it are each one subject of the store."""

    NAME: ClassVar = "存储"
    """What errors call the file."""
    HOLDS: ClassVar = "线索库"
    APPLICATION_ID: ClassVar = APPLICATION_ID
    STEPS: ClassVar[Sequence[Sequence[Statement]]] = STEPS

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path = Path(path)
        if not create and not self.path.exists():
            raise StoreError(
                f"{self.NAME} {self.path}：没有这个文件，请检查 --store，或先采集、导入"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.NAME} {self.path}：无法建立文件夹（{why(error)}）") from error
        with self._named():
            self._db = self._connect()
        try:
            with self._named():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """See :meth:`leads.store.Store.close`."""
        with self._named():
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA cache_size = -65536")  # KiB
        self._db.execute("PRAGMA wal_autocheckpoint = 10000")  # pages, so 40 MB
        if self._version() < len(self.STEPS):
            self._keep_a_log()
            with self._writing():
                self._bring_up_to_date()
        # Only now: a step may rebuild a table that others refer to.
        self._db.execute("PRAGMA foreign_keys = ON")

    def _keep_a_log(self) -> None:
        """Switch to a write-ahead log; here SQLite itself does not wait for another process."""
        until = time.monotonic() + WAIT
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as busy:
                if busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _bring_up_to_date(self) -> None:
        for step in self.STEPS[self._version() :]:
            for statement in step:
                if isinstance(statement, str):
                    self._db.execute(statement)
                else:
                    self._made(statement, [self._db])
        self._db.execute(f"PRAGMA application_id = {self.APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {len(self.STEPS)}")

    def _version(self) -> int:
        """Return how many steps the file has taken; 0 for a new file."""
        version = self._number("PRAGMA user_version", [])
        ours = self._number("PRAGMA application_id", []) == self.APPLICATION_ID
        if not ours and self._number("SELECT count(*) FROM sqlite_master", []):
            raise StoreError(f"{self.NAME} {self.path}：是其他程序的数据库，不是{self.HOLDS}")
        if version > len(self.STEPS):
            raise StoreError(
                f"{self.NAME} {self.path}：由更新版本的程序建立"
                f"（结构版本 {version}，本程序最高支持 {len(self.STEPS)}），请升级程序"
            )
        return version

    def _rows(self, sql: str, values: Sequence[Cell] = ()) -> list[tuple[Cell, ...]]:
        """Return what is asked; for few rows only."""
        with self._named():
            return self._db.execute(sql, values).fetchall()

    def _number(self, sql: str, values: Sequence[Cell] = ()) -> int:
        with self._named():
            (number,) = self._db.execute(sql, values).fetchone()
        return int(number)

    def _read(self, make: Callable[..., R], sql: str, values: Sequence[Cell] = ()) -> Iterator[R]:
        """Yield each row made into something, all as they stood at the first."""
        # A connection of its own keeps the moment while leads are written in between.
        with self._named(), closing(self._connect()) as db:
            for row in db.execute(sql, values):
                yield self._made(make, row)

    def _made(self, make: Callable[..., R], row: Sequence[object]) -> R:
        try:
            return make(*row)
        except ValueError as error:
            reason = "记录无法读取，已损坏或由更新版本的程序写入"
            raise StoreError(f"{self.NAME} {self.path}：{reason}（{error}）") from error

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
    def _moment(self) -> Iterator[None]:
        """See the file inside as it is at the first look."""
        with self._named():
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                if self._db.in_transaction:
                    self._db.execute("COMMIT")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn an error of SQLite into one that names this store."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            reason = _REASONS.get(code, "操作失败")
            raise StoreError(f"{self.NAME} {self.path}：{reason}（{error}）") from error
