"""A trade fair: its exhibitors are looked at before, its booths during, its shops after it.

One file a fair, ``config/fairs/<id>.toml``.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from leads.model import Id, Record


class Phase(StrEnum):
    """How far a fair is on a day."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    """Closed; exhibitors are watched online."""
    OVER = "over"
    """They are watched no longer."""


PHASE_ZH = {
    Phase.BEFORE: "展前排查",
    Phase.DURING: "展中巡查",
    Phase.AFTER: "展后跟踪",
    Phase.OVER: "已结束",
}


class Fair(Record):
    """A fair that is watched; its exhibits are the listings of a site of its own."""

    id: Id
    name: str = Field(min_length=1)
    place: str = Field(min_length=1)
    """City and hall."""
    first: date
    last: date
    organiser: str | None = None
    site: Id
    """Entry of ``config/sites``, kind ``fair``; a fair held again has another."""
    watch_days: int = Field(default=90, ge=0, le=730)
    """How long exhibitors are watched online once it has closed."""
    watch_every: int = Field(default=7, ge=1, le=60)
    """Days from one search for an exhibitor to the next; each has its own day."""
    source: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last（{self.last}）早于 first（{self.first}）")
        return self

    @property
    def watched_until(self) -> date:
        """The last day on which exhibitors are watched online."""
        return self.last + timedelta(days=self.watch_days)

    def phase(self, day: date) -> Phase:
        """Tell how far it is on ``day``."""
        if day < self.first:
            return Phase.BEFORE
        if day <= self.last:
            return Phase.DURING
        return Phase.AFTER if day <= self.watched_until else Phase.OVER
