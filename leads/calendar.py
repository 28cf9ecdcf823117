"""Which days are worked: weekdays, but for the holidays the State Council publishes each year.

One file a year, ``config/calendar/<year>.toml``; officers may edit it. In a year without file
every Monday to Friday is worked, and what is counted in it is provisional (暂定).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Self

from pydantic import Field, model_validator

from leads.model import Record

DAY = timedelta(days=1)


class Holiday(Record):
    """Days off in a row, first and last inclusive."""

    name: str = Field(min_length=1)
    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last（{self.last}）早于 first（{self.first}）")
        return self


class Year(Record):
    """The published holidays of one year."""

    year: int = Field(ge=1990, le=2200)
    holidays: tuple[Holiday, ...] = Field(min_length=1)
    workdays: tuple[date, ...] = ()
    """Weekend days that are worked instead."""
    source: str = Field(min_length=1)
    verified: bool = False

    @model_validator(mode="after")
    def _own_days(self) -> Self:
        days = [*self.workdays, *(day for h in self.holidays for day in (h.first, h.last))]
        for day in days:
            if day.year != self.year:
                raise ValueError(f"{day} 不在 {self.year} 年")
        for day in self.workdays:
            if day.weekday() < 5:
                raise ValueError(f"workdays 中的 {day} 不是周末")
            if self.off(day):
                raise ValueError(f"{day} 既是假日又是上班日")
        return self

    def off(self, day: date) -> bool:
        """Tell whether ``day`` lies in a holiday."""
        return any(holiday.first <= day <= holiday.last for holiday in self.holidays)


Years = Mapping[int, Year]


def is_worked(day: date, years: Years) -> bool:
    """Tell whether ``day`` is a working day; of an unpublished year, whether it is a weekday."""
    year = years.get(day.year)
    if year and (day in year.workdays or year.off(day)):
        return day in year.workdays
    return day.weekday() < 5


def next_worked(day: date, years: Years) -> date:
    """Return ``day``, or the first working day after it."""
    while not is_worked(day, years):
        day += DAY
    return day
