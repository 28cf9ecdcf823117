"""Who may use the console: accounts, roles, sessions, and how often a password may be guessed.

Kept in an SQLite file of its own beside the store, so that accounts are the same whichever store
the leads lie in. Of a session only the digest of its token is kept.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from console.web.passwords import NOBODY, check, fits, hashed
from evidence.shown import spelt

SESSION, IDLE = 12 * 3600, 2 * 3600
"""Seconds after which one must log in again: in all, and since the last page."""
TRIES, TRIES_FROM, PERIOD = 5, 20, 15 * 60
"""Wrong passwords within so many seconds that are allowed: of one name, and from one address."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    name TEXT PRIMARY KEY, role INTEGER NOT NULL, city TEXT, password TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, ends REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tries (who TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS searches (
    owner TEXT NOT NULL, title TEXT NOT NULL, query TEXT NOT NULL,
    PRIMARY KEY (owner, title)) STRICT;
"""
_LATER = (
    ("people", "disabled INTEGER NOT NULL DEFAULT 0"),
    ("sessions", "began REAL NOT NULL DEFAULT 0"),
    ("sessions", "seen REAL NOT NULL DEFAULT 0"),
    ("sessions", "address TEXT NOT NULL DEFAULT ''"),
)
"""Columns that files of earlier versions lack."""


class Role(IntEnum):
    """What a person may do; each role may do all that those before it may."""

    READER = 1
    OFFICER = 2
    APPROVER = 3
    ADMINISTRATOR = 4


ROLE_ZH = {
    Role.READER: "查阅",
    Role.OFFICER: "研判",
    Role.APPROVER: "审批",
    Role.ADMINISTRATOR: "管理",
}


class Person(NamedTuple):
    """Somebody who uses the console; ``city`` is the only bureau whose leads they see."""

    name: str
    role: Role
    city: str | None = None


class Account(NamedTuple):
    """A person, and whether they may log in."""

    person: Person
    disabled: bool


class Session(NamedTuple):
    """Somebody who is logged in."""

    id: str
    name: str
    began: datetime
    seen: datetime
    address: str


class TooManyTries(Exception):
    """Wrong passwords again and again; ask later."""


class People:
    """The accounts in one file; a log-in may be done in a thread of its own."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        file.chmod(0o600)
        self._db.executescript(_SCHEMA)
        for table, column in _LATER:
            columns = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
            if column.split()[0] not in columns:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    def add(self, person: Person, password: str) -> None:
        """Add a person, or give one a new role, city and password; ends their sessions.

        Raises:
            ValueError: the name is empty or hides something, the password is no good, or
                :meth:`change` refuses.
        """
        check(password)
        self._check(person)
        self._db.execute(
            "INSERT OR REPLACE INTO people (name, role, city, password) VALUES (?, ?, ?, ?)",
            (person.name, int(person.role), person.city, hashed(password)),
        )
        self.end_all(person.name)

    def change(self, person: Person, disabled: bool) -> None:
        """Give somebody another role or city, or let them in no more; ends their sessions.

        Raises:
            ValueError: an administrator would be bound to a city, or none would be left.
        """
        self._check(person, disabled)
        self._db.execute(
            "UPDATE people SET role = ?, city = ?, disabled = ? WHERE name = ?",
            (int(person.role), person.city, int(disabled), person.name),
        )
        self.end_all(person.name)

    def _check(self, person: Person, disabled: bool = False) -> None:
        if not person.name.strip() or spelt(person.name) != person.name:
            raise ValueError("姓名不能为空，也不能含不可见字符")
        if person.role is Role.ADMINISTRATOR:
            if person.city:
                raise ValueError("管理人员管理所有城市的账号，不能限于一个城市")
            if not disabled:
                return
        self._another_administrator(person.name)

    def _another_administrator(self, than: str) -> None:
        """Refuse to take the last administrator away.

        Raises:
            ValueError: ``than`` is the only one.
        """
        able = {
            a.person.name
            for a in self.all()
            if a.person.role is Role.ADMINISTRATOR and not a.disabled
        }
        if able == {than}:
            raise ValueError("至少要有一名管理人员")

    def set_password(self, name: str, password: str) -> None:
        """Give somebody a new password; ends their sessions.

        Raises:
            ValueError: it is too short or too long.
        """
        check(password)
        self._db.execute("UPDATE people SET password = ? WHERE name = ?", (hashed(password), name))
        self.end_all(name)

    def remove(self, name: str) -> bool:
        """Remove a person and their sessions; returns whether there was one.

        Raises:
            ValueError: nobody could manage the accounts any more.
        """
        self._another_administrator(name)
        self.end_all(name)
        return self._db.execute("DELETE FROM people WHERE name = ?", (name,)).rowcount > 0

    def all(self) -> list[Account]:
        """Return everybody by name."""
        rows = self._db.execute("SELECT name, role, city, disabled FROM people ORDER BY name")
        return [Account(Person(n, Role(role), city), bool(off)) for n, role, city, off in rows]

    def get(self, name: str) -> Account | None:
        """Return one account, or None."""
        return next((account for account in self.all() if account.person.name == name), None)

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """Return the token of a new session, or None for a wrong name or password.

        Raises:
            TooManyTries: too many wrong ones of late, by this name or from this address.
        """
        if not self.fits(name, password, address):
            return None
        return self.open_session(name, address)

    def fits(self, name: str, password: str, address: str) -> bool:
        """Tell whether it is the password of somebody who may log in; a wrong one is counted.

        Raises:
            TooManyTries: too many wrong ones of late, by this name or from this address.
        """
        now, who = time.time(), {f"name:{name}": TRIES, f"from:{address}": TRIES_FROM}
        self._db.execute("DELETE FROM tries WHERE at < ?", (now - PERIOD,))
        for one, most in who.items():
            (count,) = self._db.execute(
                "SELECT count(*) FROM tries WHERE who = ?", (one,)
            ).fetchone()
            if count >= most:
                raise TooManyTries
        row = self._db.execute(
            "SELECT password FROM people WHERE name = ? AND NOT disabled", (name,)
        ).fetchone()
        # A name that is not there costs the same time as a wrong password.
        if not fits(password, row[0] if row else NOBODY) or row is None:
            self._db.executemany("INSERT INTO tries VALUES (?, ?)", [(one, now) for one in who])
            return False
        self._db.execute("DELETE FROM tries WHERE who = ?", (f"name:{name}",))
        return True

    def open_session(self, name: str, address: str = "") -> str:
        """Return the token of a new session."""
        now, token = time.time(), secrets.token_urlsafe(32)
        self._db.execute("DELETE FROM sessions WHERE ends < ?", (now,))
        self._db.execute(
            "INSERT INTO sessions (token, name, ends, began, seen, address)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (_digest(token), name, now + SESSION, now, now, address),
        )
        return token

    def of_session(self, token: str) -> Person | None:
        """Return whose session it is, with the role they have now; None if it has ended."""
        now, digest = time.time(), _digest(token)
        row = self._db.execute(
            "SELECT people.name, role, city, seen FROM sessions JOIN people USING (name)"
            " WHERE token = ? AND ends >= ? AND seen >= ? AND NOT disabled",
            (digest, now, now - IDLE),
        ).fetchone()
        if row is None:
            return None
        if row[3] < now - 60:  # once a minute is enough
            self._db.execute("UPDATE sessions SET seen = ? WHERE token = ?", (now, digest))
        return Person(row[0], Role(row[1]), row[2])

    def log_out(self, token: str) -> None:
        """End a session."""
        self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    def sessions(self) -> list[Session]:
        """Return who is logged in, the last seen first."""
        now = time.time()
        rows = self._db.execute(
            "SELECT substr(token, 1, 16), name, began, seen, address FROM sessions"
            " WHERE ends >= ? AND seen >= ? ORDER BY seen DESC",
            (now, now - IDLE),
        )
        return [
            Session(id, name, _moment(began), _moment(seen), address)
            for id, name, began, seen, address in rows
        ]

    def end(self, session: str) -> None:
        """End the session of this id."""
        self._db.execute("DELETE FROM sessions WHERE substr(token, 1, 16) = ?", (session,))

    def end_all(self, name: str) -> None:
        """End every session of a person."""
        self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    def searches(self, owner: str) -> list[tuple[str, str]]:
        """Return a person's saved searches, title and query, by title."""
        return self._db.execute(
            "SELECT title, query FROM searches WHERE owner = ? ORDER BY title", (owner,)
        ).fetchall()

    def save_search(self, owner: str, title: str, query: str) -> None:
        """Keep a search; without a query it is forgotten."""
        self._db.execute("DELETE FROM searches WHERE owner = ? AND title = ?", (owner, title))
        if query:
            self._db.execute("INSERT INTO searches VALUES (?, ?, ?)", (owner, title, query))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def session_id(token: str) -> str:
    """Return by what a session is told from others, which opens nothing."""
    return _digest(token)[:16]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
