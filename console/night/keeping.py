"""Writes what a night leaves: ``night.json``, ``metrics.prom``, ``report.html``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from console.night.metrics import metrics
from evidence.disk import replace
from leads.nights import FILE, Night

REPORT, METRICS = "report.html", "metrics.prom"


def keep(folder: Path, night: Night, before: Sequence[Night]) -> str | None:
    """Write a night below ``folder``; each file appears whole, the record last of all.

    Returns why there is no report, in Chinese, or None.

    Raises:
        OSError: it cannot be written.
    """
    place = folder / night.id
    without = _report(place / REPORT, night, before)
    _write(place / METRICS, metrics(night))
    _write(place / FILE, night.model_dump_json(indent=1))
    return without


def _report(path: Path, night: Night, before: Sequence[Night]) -> str | None:
    if find_spec("jinja2") is None:
        return "缺少组件 jinja2，未写 report.html：pip install 'markwatch[console]'"
    from console.night.report import report

    _write(path, report(night, before))
    return None


def _write(path: Path, text: str) -> None:
    replace(path, lambda file: file.write(text.encode()))
