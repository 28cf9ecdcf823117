"""A campaign: goods, words and places that are watched more closely for some weeks.

One file a campaign, ``config/campaigns/<id>.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from leads.calendar import Years
from leads.model import Id, Record, Right
from leads.season import Season, Window

Word = Annotated[str, Field(min_length=1, max_length=20)]
Code = Annotated[str, Field(pattern=r"^\d{6}$")]


class Campaign(Record):
    """What is looked for, when, where and how often, and who answers for it."""

    id: Id
    name: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    """The office in charge."""
    season: Season
    rights: tuple[Id, ...] = ()
    """What is watched, the most valuable first; every right of ``regions``, if empty."""
    words: tuple[Word, ...] = ()
    """What sellers add to a name in these weeks, the most frequent first: 礼盒."""
    sites: tuple[Id, ...] = ()
    """Entries of ``config/sites``; every marketplace that may be visited, if empty."""
    regions: tuple[Code, ...] = ()
    """City bureaus; the whole province, if empty."""
    every: int = Field(default=1, ge=1, le=60)
    """Days from one run to the next."""
    verified: bool = False
    """False: its dates or its goods are from memory."""
    source: str = Field(min_length=1)
    note: str | None = None

    def window(self, year: int, years: Years) -> Window | None:
        """Return its days that belong to ``year``: see :meth:`leads.season.Season.window`."""
        return self.season.window(year, years)

    def current(self, day: date, years: Years) -> Window | None:
        """Return the days it runs on around ``day``, or None where it does not run then."""
        around = [self.window(year, years) for year in (day.year - 1, day.year, day.year + 1)]
        return next((window for window in around if window and window.holds(day)), None)

    def on(self, day: date, years: Years) -> bool:
        """Tell whether it runs on ``day``."""
        return self.current(day, years) is not None

    def begun(self, day: date, years: Years) -> Window | None:
        """Return the days that began last on or before ``day``; None where none is known."""
        around = [self.window(year, years) for year in range(day.year + 1, day.year - 3, -1)]
        return next((window for window in around if window and window.first <= day), None)

    def due(self, day: date, last_run: date | None, years: Years) -> bool:
        """Tell whether it runs on ``day`` and is to be run again, last time having been then."""
        window = self.current(day, years)
        if window is None:
            return False
        if last_run is None or not window.holds(last_run):
            return True
        return (day - last_run).days >= self.every

    def watched(self, rights: Mapping[str, Right]) -> tuple[Right, ...]:
        """Return its rights in order of value; without any named those of its regions, by id."""
        if self.rights:
            return tuple(rights[right] for right in self.rights if right in rights)
        own = [right for right in rights.values() if right.bureau]
        return tuple(right for right in own if not self.regions or right.bureau in self.regions)

    def queries(self, rights: Mapping[str, Right]) -> tuple[str, ...]:
        """Return what to search for, each text once, in the order a budget should be spent.

        Every name on its own, then every name with the first word, then with the next.
        """
        names = [right.name for right in self.watched(rights)]
        joined = [f"{name} {word}" for word in self.words for name in names]
        return tuple(dict.fromkeys((*names, *joined)))
