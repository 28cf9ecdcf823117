"""Who may use the console: accounts, roles, sessions, and how often a password may be guessed.

Kept in an SQLite file of its own beside the store, so that accounts are the same whichever store
the leads lie in. Passwords are hashed with scrypt (RFC 7914) and a salt of their own; of a session
only the digest of its token is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

SESSION = 12 * 3600
"""Seconds after which one must log in again."""
TRIES, PERIOD = 5, 15 * 60
"""Wrong passwords of one name, or from one address, within so many seconds that are allowed."""
SHORTEST = 10
"""Characters of a password."""

_N, _R, _P = 2**15, 8, 1
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


class TooManyTries(Exception):
    """Wrong passwords again and again; ask later."""


class People:
    """The accounts in one file; used from one thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        file.chmod(0o600)
        self._db.executescript(_SCHEMA)

    def add(self, person: Person, password: str) -> None:
        """Add a person, or give one a new role, city and password; ends their sessions.

        Raises:
            ValueError: the name is empty or the password too short.
        """
        if not person.name.strip():
            raise ValueError("姓名不能为空")
        if len(password) < SHORTEST:
            raise ValueError(f"密码至少 {SHORTEST} 个字符")
        row = (person.name, int(person.role), person.city, _hashed(password))
        self._db.execute("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?)", row)
        self._db.execute("DELETE FROM sessions WHERE name = ?", (person.name,))

    def remove(self, name: str) -> bool:
        """Remove a person and their sessions; returns whether there was one."""
        self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))
        return self._db.execute("DELETE FROM people WHERE name = ?", (name,)).rowcount > 0

    def all(self) -> list[Person]:
        """Return everybody by name."""
        rows = self._db.execute("SELECT name, role, city FROM people ORDER BY name")
        return [Person(name, Role(role), city) for name, role, city in rows]

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """Return the token of a new session, or None for a wrong name or password.

        Raises:
            TooManyTries: too many wrong ones of late, by this name or from this address.
        """
        now, who = time.time(), (f"name:{name}", f"from:{address}")
        self._db.execute("DELETE FROM tries WHERE at < ?", (now - PERIOD,))
        for one in who:
            (count,) = self._db.execute(
                "SELECT count(*) FROM tries WHERE who = ?", (one,)
            ).fetchone()
            if count >= TRIES:
                raise TooManyTries
        row = self._db.execute("SELECT password FROM people WHERE name = ?", (name,)).fetchone()
        # A name that is not there costs the same time as a wrong password.
        if not _fits(password, row[0] if row else _NOBODY) or row is None:
            self._db.executemany("INSERT INTO tries VALUES (?, ?)", [(one, now) for one in who])
            return None
        self._db.execute("DELETE FROM tries WHERE who = ?", (who[0],))
        return self.open_session(name)

    def open_session(self, name: str) -> str:
        """Return the token of a new session."""
        now, token = time.time(), secrets.token_urlsafe(32)
        self._db.execute("DELETE FROM sessions WHERE ends < ?", (now,))
        self._db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?)", (_digest(token), name, now + SESSION)
        )
        return token

    def of_session(self, token: str) -> Person | None:
        """Return whose session it is, with the role they have now; None if it has ended."""
        row = self._db.execute(
            "SELECT people.name, role, city FROM sessions JOIN people USING (name)"
            " WHERE token = ? AND ends >= ?",
            (_digest(token), time.time()),
        ).fetchone()
        return Person(row[0], Role(row[1]), row[2]) if row else None

    def log_out(self, token: str) -> None:
        """End a session."""
        self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=2**26, dklen=32)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def _fits(password: str, kept: str) -> bool:
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), digest)


_NOBODY = f"{'0' * 32}${'0' * 64}"
