"""When things are done: nights, what is looked at again and when, how much of it, what is kept.

One file, ``config/schedule.toml``; what it leaves out is as it stands here.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Self

from pydantic import Field, model_validator

from leads.beijing import Hours
from leads.flood import FloodLimits
from leads.health import HealthLimits
from leads.model import Record

Days = Annotated[int, Field(ge=1, le=3650)]
Minutes = Annotated[int, Field(ge=1, le=1440)]


class Recrawl(Record):
    """After how many days a known listing is looked at again; the soonest that applies."""

    lead: Days = 1
    """It has a lead."""
    changed: Days = 2
    """It is new, or was not the same when it was seen last."""
    campaign: Days = 1
    """A campaign that runs watches it."""
    stable: Days = 4
    """It was the same once; doubles with every time more."""
    longest: Days = 32
    """However often it was the same."""
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How much of a site's pages of a day may go to known listings; searches need the rest."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.longest < self.stable:
            raise ValueError(f"longest（{self.longest}）小于 stable（{self.stable}）")
        return self

    def days(self, *, lead: bool, campaign: bool, unchanged: int) -> int:
        """Return in how many days a listing is due again.

        ``unchanged`` is how often in a row it was the same, 0 for one that is new or changed.
        """
        doubled = self.stable << min(unchanged - 1, 12) if unchanged else self.changed
        due = [min(doubled, self.longest)]
        due += [self.lead] * lead + [self.campaign] * campaign
        return min(due)


class Budget(Record):
    """How long parts of a night may take, beside the terms of each site."""

    crawl: Minutes = 240
    """Minutes for all sites, which are crawled side by side."""
    pictures: Minutes = 60
    """Minutes for pictures that were not looked at during the crawl."""


class Keep(Record):
    """How long something stays."""

    nights: Days = 400
    """Folders of nights: figures, report, metrics."""
    pictures: Days = 90
    """A picture is not fetched again from the same address for so long."""


class Schedule(Record):
    """How the office's nights go."""

    window: Hours = (time(1, 30), time(6))
    """When a night may run, Beijing time."""
    recrawl: Recrawl = Recrawl()
    budget: Budget = Budget()
    keep: Keep = Keep()
    health: HealthLimits = HealthLimits()
    floods: FloodLimits = FloodLimits()
