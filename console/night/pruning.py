"""Removes the folders of nights that are older than the schedule keeps them."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from leads.nights import FILE, day_of


def prune(folder: Path, today: date, days: int) -> list[Path]:
    """Remove and return the folders of nights more than ``days`` before ``today``.

    Only what is named as a night and holds its record is removed, whatever else lies there.

    Raises:
        OSError: one cannot be removed.
    """
    oldest = today - timedelta(days=days)
    old = [
        file.parent
        for file in sorted(folder.glob(f"*/{FILE}"))
        if (day := day_of(file.parent.name)) and day < oldest and not file.parent.is_symlink()
    ]
    for one in old:
        shutil.rmtree(one)
    return old
