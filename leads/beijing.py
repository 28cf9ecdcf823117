"""Beijing time: days, windows and laws are counted in it, and officers read it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def told(moment: datetime) -> str:
    """Return a moment as an officer reads it: ``2026-11-22 01:30:00``."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
