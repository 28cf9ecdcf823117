"""When a campaign runs: once, or each year around a holiday, a day or in some months."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from leads.calendar import DAY, Holiday, Years
from leads.model import Record

_LONGEST = 200
"""Days a season may begin before, or end after, what it is counted from."""
_LEAP = 2024
"""A year that has every month and day."""

Month = Annotated[int, Field(ge=1, le=12)]


class Window(NamedTuple):
    """Days in a row, first and last inclusive."""

    first: date
    last: date
    provisional: bool = False
    """The year's calendar is not published: counted from the day that is expected."""

    def holds(self, day: date) -> bool:
        """Tell whether ``day`` lies in it."""
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} 至 {self.last}" + "（暂定）" * self.provisional


class Season(Record):
    """Days of each year, or of one; told in exactly one of the four ways."""

    holiday: str | None = Field(default=None, min_length=1)
    """A holiday of ``calendar/<year>.toml``: 春节."""
    expected: tuple[date, ...] = ()
    """The holiday's own day in years to come, for as long as their calendar is not published."""
    day: str | None = Field(default=None, pattern=r"^\d\d-\d\d$")
    """A day of every year: ``04-26``."""
    months: tuple[Month, Month] | None = None
    """From the beginning of one month to the end of another, which may be next year's."""
    once: tuple[date, date] | None = None
    """First and last day."""
    before: int = Field(default=0, ge=0, le=_LONGEST)
    """Days it begins earlier."""
    after: int = Field(default=0, ge=0, le=_LONGEST)
    """Days it lasts longer."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.holiday, self.day, self.months, self.once]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("holiday、day、months、once 须写明其中一项，且只写一项")
        if self.expected and not self.holiday:
            raise ValueError("expected 只与 holiday 同用")
        if self.once and self.once[1] < self.once[0]:
            raise ValueError(f"once 的末日（{self.once[1]}）早于首日（{self.once[0]}）")
        if self.day:
            _on(self.day, _LEAP)
        return self

    def window(self, year: int, years: Years) -> Window | None:
        """Return the days of the season that belongs to ``year``; None where none is known.

        A season belongs to the year of the day it is counted from, which for months is the first.
        """
        core = self._core(year, years)
        if core is None:
            return None
        first, last, provisional = core
        return Window(
            first - timedelta(days=self.before), last + timedelta(days=self.after), provisional
        )

    def unsure(self, year: int, years: Years) -> str | None:
        """Return in Chinese what keeps the days of ``year`` from being certain, else None."""
        if not self.holiday or self._holiday(year, years):
            return None
        told = "日期暂定" if self.window(year, years) else "日期不明"
        if year in years:
            return f"calendar/{year}.toml 中没有名为“{self.holiday}”的假日，{told}"
        return f"缺少 calendar/{year}.toml（当年放假安排），{self.holiday}{told}"

    def _core(self, year: int, years: Years) -> Window | None:
        if self.once:
            return Window(*self.once) if self.once[0].year == year else None
        if self.day:
            day = _on(self.day, year)
            return Window(day, day)
        if self.months:
            return _months(*self.months, year)
        if holiday := self._holiday(year, years):
            return Window(holiday.first, holiday.last)
        day_expected = next((day for day in self.expected if day.year == year), None)
        return Window(day_expected, day_expected, True) if day_expected else None

    def _holiday(self, year: int, years: Years) -> Holiday | None:
        """Return the year's holiday; two may be one: 国庆节、中秋节."""
        holidays = years[year].holidays if year in years else ()
        return next((one for one in holidays if self.holiday in one.name.split("、")), None)


def _on(day: str, year: int) -> date:
    """Return a day written ``04-26`` in a year; the last of February where it has no 29th.

    Raises:
        ValueError: there is no such day in any year.
    """
    month, number = int(day[:2]), int(day[3:])
    if (month, number) == (2, 29) and not _is_leap(year):
        number = 28
    try:
        return date(year, month, number)
    except ValueError:
        raise ValueError(f"没有 {month} 月 {number} 日") from None


def _is_leap(year: int) -> bool:
    return (date(year, 3, 1) - DAY).day == 29


def _months(first: int, last: int, year: int) -> Window:
    ends = year + (last < first)
    after = date(ends + (last == 12), last % 12 + 1, 1)
    return Window(date(year, first, 1), after - DAY)
