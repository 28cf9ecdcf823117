"""Beijing time: days, windows and laws are counted in it, and officers read it."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))

Hours = tuple[time, time]
"""From when until when; may run past midnight; the whole day if both are the same."""


def open_at(hours: Hours, moment: datetime) -> bool:
    """Tell whether ``moment`` (Beijing time) lies in the hours."""
    start, end = hours
    now = moment.time()
    return start <= now < end if start < end else now >= start or now < end


def seconds_left(hours: Hours, moment: datetime) -> int:
    """Return how long the hours last from ``moment`` on, 0 outside them."""
    if not open_at(hours, moment):
        return 0
    end = hours[1]
    now = moment.hour * 3600 + moment.minute * 60 + moment.second
    return (end.hour * 3600 + end.minute * 60 + end.second - now) % 86_400 or 86_400


def told(moment: datetime) -> str:
    """Return a moment as an officer reads it: ``2026-11-22 01:30:00``."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
