"""A marketplace or fair that is watched, and on what terms it may be visited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from leads.beijing import Hours, open_at, seconds_left
from leads.model import Dated, Id, Record


class RobotsOverride(Dated):
    """A decision to read paths that robots.txt closes; never a log-in area.

    Both dates are needed: such a decision ends by itself.
    """

    paths: tuple[Annotated[str, Field(pattern="^/")], ...] = Field(min_length=1)
    """Beginnings of paths."""
    legal_basis: str = Field(min_length=1)
    approver: str = Field(min_length=1)
    case: str = Field(min_length=1)
    """Number of the case it was decided for."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.valid_from is None or self.valid_to is None:
            raise ValueError("须写明 valid_from 和 valid_to，到期自动失效")
        return self


class Terms(Record):
    """On what terms a live site is visited; without them there is no live crawl.

    网络数据安全管理条例 第十八条: automated access assesses its impact, and does not disturb.
    """

    contact: str = Field(min_length=1)
    """Who answers when the site's operator asks; part of the User-Agent."""
    impact_assessment: str = Field(min_length=1)
    """Number or title of the written assessment of the impact on the site."""
    approver: str = Field(min_length=1)
    window: Hours
    """Beijing time."""
    daily_pages: Annotated[int, Field(gt=0)]
    """Pages and pictures a day at the most."""
    delay: Annotated[float, Field(ge=1)] = 1.0
    """Seconds between two requests; robots.txt may ask for more."""
    robots: RobotsOverride | None = None

    def open_at(self, moment: datetime) -> bool:
        """Tell whether ``moment`` (Beijing time) lies in the window."""
        return open_at(self.window, moment)

    def seconds_left(self, moment: datetime) -> int:
        """Return how long the window stays open, 0 when it is closed."""
        return seconds_left(self.window, moment)

    def may_read(self, path: str, day: date) -> bool:
        """Tell whether a decision in force lets us read a path that robots.txt closes."""
        return bool(
            self.robots and self.robots.in_force(day) and path.startswith(self.robots.paths)
        )


class Site(Record):
    """A marketplace or a fair that is watched."""

    id: Id
    name: str = Field(min_length=1)
    kind: Literal["market", "fair"]
    spider: str = Field(min_length=1)
    """Name of the spider that knows its way around: a file in ``crawlers/sites``."""
    url: HttpUrl
    search: str | None = None
    """Address of a result list below ``url``, ``{query}`` in it; for a fair the exhibitor list."""
    queries: tuple[str, ...] = ()
    """What to search for; derived from the watched rights where it is left out."""
    columns: Mapping[str, str] = {}
    """What the columns of this site's tables mean, by heading; the others are guessed."""
    browser_pages: Annotated[int, Field(ge=0)] = 50
    """Pages that may be opened in a browser, a crawl."""
    browser_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    """Domains besides the site's own that its pages load scripts and data from."""
    expect: Annotated[int, Field(ge=0)] = 0
    """Fewer listings than this in a full crawl are an error."""
    terms: Terms | None = None
    """None: files of this site may be imported, the site itself is not visited."""
    practice: bool = False
    """The practice server on loopback: needs no terms; any other address must be public."""
