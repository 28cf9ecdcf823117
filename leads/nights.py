"""What one nightly run was: what each site gave, what was found, what could not be seen.

``<folder>/<id>/night.json`` holds one night; ``report.html`` and ``metrics.prom`` lie beside it. An
id is the day, with the shard where several machines share the work: ``2026-11-22``,
``2026-11-22.2of5``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import Field, ValidationError, model_validator

from leads.faults import faults_of, why
from leads.model import Moment, Record, Triage, Verdict

FILE = "night.json"
_ID = re.compile(r"\d{4}-\d\d-\d\d(\.[1-9]\d*of[1-9]\d*)?")

ENDINGS_ZH = {
    "finished": "完成",
    "shutdown": "已中断",
    "blocked": "连续被网站拦截，已停止，被拦截的网页待人工处理",
    "window": "允许的时段已过",
    "budget": "当日页数已用完",
    "not now": "不在允许的时段内，或当日页数已用完，未采集",
}
"""Why the crawl of a site ended."""

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class PageKind(Record):
    """The listings of a site that were read from addresses of one form."""

    form: str
    """The path of the address with ``#`` for numbers: ``/market/item/#.html``."""
    listings: Count
    fields: Mapping[str, Share]


class SiteNight(Record):
    """What one site gave in one night."""

    site: str
    name: str
    listings: Count = 0
    """Seen tonight: ``new + changed + relisted + unchanged``."""
    new: Count = 0
    changed: Count = 0
    """Title or price is not what it was."""
    unchanged: Count = 0
    vanished: Count = 0
    """Missed for the second time tonight."""
    relisted: Count = 0
    """Had vanished, and is there again."""
    read: Count = 0
    """Listings read from pages or results tonight: what the fill rates are shares of."""
    visits: Mapping[Verdict, Count] = {}
    """Addresses by what their last visit tonight came to."""
    fields: Mapping[str, Share] = {}
    """Share of the listings read that have a field, by field."""
    kinds: tuple[PageKind, ...] = ()
    unknown: Count = 0
    """Addresses whose page has a structure that nothing here knows."""
    for_browser: Count = 0
    """Addresses whose page only a browser could have shown: there is none, or it had no time."""
    leads: Count = 0
    """From listings read tonight."""
    finish: str
    """Why the crawl ended: a key of :data:`ENDINGS_ZH`."""
    errors: Count = 0
    shortfall: str | None = None
    """Why the crawl itself fell short, in Chinese."""

    @property
    def pages(self) -> int:
        """How many addresses were visited."""
        return sum(self.visits.values())

    @property
    def blocked(self) -> float:
        """Which share of the addresses asked for a log-in or a CAPTCHA."""
        return self.visits.get(Verdict.BLOCKED, 0) / (self.pages or 1)


class Found(Record):
    """A new lead of the night, as its report tells it."""

    lead: str
    """Its id."""
    site: str
    site_name: str
    title: str
    right_name: str
    triage: Triage
    score: Share
    reason: str


class Unseen(Record):
    """A page that only a person can open."""

    site: str
    url: str
    reason: str


class Flood(Record):
    """A rule or a picture that made more new leads than an office can look at."""

    scope: str = Field(pattern="^(rule|picture)$")
    subject: str
    """Name of the matcher; reference or SHA-256 of the picture."""
    right: str | None = None
    leads: Count
    """New leads it made tonight."""
    allowed: Count
    reason: str
    """In Chinese; says what happens to its leads."""


class Night(Record):
    """One nightly run."""

    id: str
    day: date
    """The day in Beijing on which it began."""
    shard: str | None = Field(default=None, pattern=r"^[1-9]\d*/[1-9]\d*$")
    """``2/5``: the second of five machines."""
    began: Moment
    ended: Moment
    sites: tuple[SiteNight, ...] = ()
    matchers: Mapping[str, Count] = {}
    """Leads from listings read tonight, by matcher."""
    rules: Mapping[str, Count] = {}
    """New leads of tonight by rule: matcher and right with a space between."""
    strongest: tuple[Found, ...] = ()
    """The first new leads that an officer should look at."""
    found: Count = 0
    """New leads of tonight."""
    unseen: tuple[Unseen, ...] = ()
    """Pages for a person, some of them."""
    waiting: Count = 0
    """All of them."""
    quarantined: tuple[Flood, ...] = ()
    excluded: Mapping[str, Count] = {}
    """Listings read tonight that a decision or a quarantine met, by what it is about."""
    campaigns: tuple[str, ...] = ()
    """Ids of the campaigns and fairs that were searched for."""
    notices: tuple[str, ...] = ()
    """What is due or came back, a line each, in Chinese: clocks, notices, campaigns, fairs."""
    shortfalls: tuple[str, ...] = ()
    """Why the night fell short, in Chinese; empty where it did not."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.id != night_id(self.day, self.shard):
            raise ValueError(f"id 应为 {night_id(self.day, self.shard)}")
        return self

    @property
    def listings(self) -> int:
        """Listings seen on all sites."""
        return sum(site.listings for site in self.sites)


class Past(NamedTuple):
    """Nights that were, and the files that cannot be read as one."""

    nights: Sequence[Night]
    """Oldest first."""
    damaged: Sequence[str]
    """Which file, and what is wrong with it, in Chinese."""


def night_id(day: date, shard: str | None = None) -> str:
    """Return the id of a night; ``shard`` is written ``2/5``."""
    return f"{day}.{shard.replace('/', 'of')}" if shard else f"{day}"


def day_of(name: str) -> date | None:
    """Return the day of a night by its id; None where ``name`` is no such id."""
    try:
        return date.fromisoformat(name[:10]) if _ID.fullmatch(name) else None
    except ValueError:
        return None


def read_night(folder: Path, name: str) -> Night:
    """Read one night by its id.

    Raises:
        ValueError: it is not there, cannot be read, or is damaged; says in Chinese which and why.
    """
    file = folder / name / FILE
    if not _ID.fullmatch(name):
        raise ValueError(f"{name}：不是夜间采集的编号，应如 2026-11-22")
    try:
        night = Night.model_validate_json(file.read_bytes())
    except OSError as unreadable:
        raise ValueError(f"{file}：{why(unreadable)}") from unreadable
    except ValidationError as invalid:
        raise ValueError("\n".join(map(str, faults_of(str(file), invalid)))) from invalid
    if night.id != name:
        raise ValueError(f"{file}：其中是 {night.id} 的记录")
    return night


def read_nights(folder: Path, before: str | None = None, most: int = 7) -> Past:
    """Read the last ``most`` nights, oldest first.

    With ``before``, an id, only earlier days of the same shard. A file that cannot be read takes
    its place among the last, and is named.
    """
    nights, damaged = [], []
    for name in sorted(_names(folder, before), reverse=True)[:most]:
        try:
            nights.append(read_night(folder, name))
        except ValueError as unreadable:
            damaged.append(str(unreadable))
    return Past(nights[::-1], damaged)


def _names(folder: Path, before: str | None) -> list[str]:
    names = [file.parent.name for file in folder.glob(f"*/{FILE}")]
    names = [name for name in names if _ID.fullmatch(name)]
    if before is None:
        return names
    day, _, shard = before.partition(".")
    return [name for name in names if name[:10] < day and name[11:] == shard]
