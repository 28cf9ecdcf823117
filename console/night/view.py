"""A night as its report and the console show it: numbers beside those of the nights before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from markupsafe import Markup

from console.web.charts import Bar, Part, bars, meter, stack
from leads.fields import MATCHER_ZH
from leads.health import FIELD_ZH
from leads.model import TRIAGE_ZH, VERDICT_ZH, Verdict
from leads.nights import ENDINGS_ZH, Night, SiteNight

DAYS_ZH = "一二三四五六日"
_FALLEN = 0.2
"""A fill rate lower than usual by more than this is pointed at."""


class Tile(NamedTuple):
    """One figure of the night, with its course over the last nights."""

    name: str
    value: int
    usual: float | None
    """Median of the nights before; None where there are none."""
    course: Markup


class SiteRow(NamedTuple):
    """What a site gave."""

    site: SiteNight
    course: Markup
    verdicts: Markup
    finish: str
    fine: bool


class Cell(NamedTuple):
    """How often a field was there."""

    rate: float | None
    """None: nothing was read."""
    heat: int
    """1 to 5, the fullest; 0 where nothing was read."""
    usual: float | None
    fallen: bool


class FillRow(NamedTuple):
    """The fields of one site."""

    name: str
    read: int
    cells: Sequence[Cell]


class MatcherRow(NamedTuple):
    """How many leads a matcher made."""

    name: str
    leads: int
    usual: float | None
    chart: Markup


def shown(night: Night, before: Sequence[Night]) -> dict[str, Any]:
    """Return what the templates ``nights_*`` are filled with; ``before`` is oldest first."""
    return {
        "night": night,
        "before": before,
        "weekday": DAYS_ZH[night.day.weekday()],
        "minutes": round((night.ended - night.began).total_seconds() / 60),
        "tiles": _tiles(night, before),
        "sites": [_site(site, before) for site in night.sites],
        "verdicts": [
            (verdict.value, VERDICT_ZH[verdict])
            for verdict in Verdict
            if any(site.visits.get(verdict) for site in night.sites)
        ],
        "fields": FIELD_ZH,
        "fills": [_fill(site, before) for site in night.sites],
        "matchers": _matchers(night, before),
        "TRIAGE_ZH": TRIAGE_ZH,
    }


def _tiles(night: Night, before: Sequence[Night]) -> list[Tile]:
    figures: dict[str, Callable[[Night], int]] = {
        "商品": lambda one: one.listings,
        "新出现": lambda one: sum(site.new for site in one.sites),
        "有变化": lambda one: sum(site.changed for site in one.sites),
        "下架": lambda one: sum(site.vanished for site in one.sites),
        "重新上架": lambda one: sum(site.relisted for site in one.sites),
        "新线索": lambda one: one.found,
        "网页": lambda one: sum(site.pages for site in one.sites),
        "待人工打开": lambda one: one.waiting,
    }
    return [
        Tile(
            name,
            count(night),
            _usual([count(one) for one in before]),
            bars([*(_bar(one, count(one)) for one in before), _bar(night, count(night))],
                 name, 120, 28, now=True),
        )
        for name, count in figures.items()
    ]  # fmt: skip


def _bar(night: Night, value: int) -> Bar:
    return Bar(f"{night.day:%m-%d}", value)


def _usual(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _site(site: SiteNight, before: Sequence[Night]) -> SiteRow:
    past = [(one, then) for one in before for then in one.sites if then.site == site.site]
    course = [_bar(one, then.listings) for one, then in past]
    parts = [
        Part(VERDICT_ZH[verdict], site.visits.get(verdict, 0), f"v-{verdict.value}")
        for verdict in Verdict
    ]
    return SiteRow(
        site,
        bars([*course, Bar("这一夜", site.listings)], f"{site.name}每夜商品", 120, 28, now=True),
        stack(parts, f"{site.name}的网页", 160),
        ENDINGS_ZH.get(site.finish, site.finish),
        site.finish == "finished" and not site.shortfall and not site.errors,
    )


def _fill(site: SiteNight, before: Sequence[Night]) -> FillRow:
    past = [then.fields for one in before for then in one.sites if then.site == site.site]
    return FillRow(site.name, site.read, [_cell(site, field, past) for field in FIELD_ZH])


def _cell(site: SiteNight, field: str, past: Sequence[Mapping[str, float]]) -> Cell:
    usual = _usual([then.get(field, 0.0) for then in past if then])
    if not site.read:
        return Cell(None, 0, usual, fallen=False)
    rate = site.fields.get(field, 0.0)
    return Cell(
        rate, 1 + min(int(rate * 5), 4), usual, usual is not None and usual - rate > _FALLEN
    )


def _matchers(night: Night, before: Sequence[Night]) -> list[MatcherRow]:
    names = {name for one in (*before, night) for name, leads in one.matchers.items() if leads}
    counts = {name: night.matchers.get(name, 0) for name in names}
    usual = {name: _usual([one.matchers.get(name, 0) for one in before]) for name in names}
    top = max((*counts.values(), *(value or 0 for value in usual.values())), default=0)
    return [
        MatcherRow(shown, leads, usual[name], meter(leads, usual[name], top, shown))
        for name, leads in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        for shown in [MATCHER_ZH.get(name, name)]
    ]


class Step(NamedTuple):
    """One figure tonight, and how much more it is than the night before."""

    name: str
    value: int
    more: int


def steps(night: Night, before: Night) -> dict[str, list[Step]]:
    """Return how listings of each site and leads of each matcher differ from the night before."""
    names = MATCHER_ZH | {one.site: one.name for one in (*before.sites, *night.sites)}
    tables = {
        "各网站的商品": (
            {one.site: one.listings for one in night.sites},
            {one.site: one.listings for one in before.sites},
        ),
        "各方法的线索": (night.matchers, before.matchers),
    }
    return {
        title: [
            Step(names.get(key, key), now.get(key, 0), now.get(key, 0) - then.get(key, 0))
            for key in sorted({*now, *then})
        ]
        for title, (now, then) in tables.items()
    }
