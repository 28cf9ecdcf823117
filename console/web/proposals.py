"""Exclusions that one person has proposed and nobody has approved yet; in the console's own file.

A wide exclusion can hide a shop, so it never reaches the store before two people stand behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from leads.exclusions import Exclusion, Scope, made
from leads.model import Moment, Record, Triage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS proposals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
"""


class Proposal(Record):
    """What somebody wants excluded."""

    scope: Scope
    subject: str
    right: str | None = None
    matcher: str | None = None
    effect: Triage = Triage.NONE
    code: str
    reason: str
    by: str
    at: Moment
    until: date | None = None

    def approved(self, second: str | None, at: datetime) -> Exclusion:
        """Return it as the exclusion that two people decided on.

        Raises:
            leads.exclusions.ExclusionError: it breaks a rule of the house; one is that the two are
                not the same person.
        """
        return made(
            self.scope,
            self.subject,
            code=self.code,
            reason=self.reason,
            by=self.by,
            at=at,
            right=self.right,
            matcher=self.matcher,
            effect=self.effect,
            second=second,
            until=self.until,
        )


class Numbered(NamedTuple):
    """A proposal that waits."""

    number: int
    proposal: Proposal


class Proposals:
    """The proposals in one file; used from one thread."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.executescript(_SCHEMA)

    def add(self, proposal: Proposal) -> int:
        """Keep a proposal and return its number."""
        row = (proposal.model_dump_json(),)
        cursor = self._db.execute("INSERT INTO proposals (body) VALUES (?)", row)
        return int(cursor.lastrowid or 0)

    def all(self) -> Iterator[Numbered]:
        """Yield those that wait, oldest first."""
        for number, body in self._db.execute("SELECT number, body FROM proposals ORDER BY number"):
            yield Numbered(number, Proposal.model_validate_json(body))

    def get(self, number: int) -> Proposal | None:
        """Return one that waits, or None."""
        return next((one.proposal for one in self.all() if one.number == number), None)

    def remove(self, number: int) -> None:
        """Forget one that was approved or turned down."""
        self._db.execute("DELETE FROM proposals WHERE number = ?", (number,))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
