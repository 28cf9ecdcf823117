"""The schedule: when a listing is due again, and how a wrong file is refused."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from leads import registry
from leads.beijing import BEIJING, open_at, seconds_left
from leads.schedule import Recrawl, Schedule

ROOT = Path(__file__).parents[2]

DUE = [
    # lead, campaign, times unchanged, days
    (False, False, 0, 2),
    (False, False, 1, 4),
    (False, False, 2, 8),
    (False, False, 4, 32),
    (False, False, 5, 32),
    (False, False, 10_000, 32),
    (True, False, 10_000, 1),
    (False, True, 10_000, 1),
    (True, True, 0, 1),
]


@pytest.mark.parametrize(("lead", "campaign", "unchanged", "days"), DUE)
def test_what_changes_or_matters_is_looked_at_sooner(
    lead: bool, campaign: bool, unchanged: int, days: int
) -> None:
    assert Recrawl().days(lead=lead, campaign=campaign, unchanged=unchanged) == days


def test_the_shipped_schedule_says_what_holds_without_it(watched: registry.Registry) -> None:
    assert watched.schedule == Schedule()


def test_a_wrong_schedule_names_every_fault_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    (config / "schedule.toml").write_text(
        'window = ["夜里", 06:00:00]\nshards = 3\n'
        "[recrawl]\nlead = 0\n[budget]\ncrawl = 5000\n[floods]\nrule = 0\n[health]\nblocked = 2",
        encoding="utf-8",
    )
    with pytest.raises(registry.ConfigError) as broken:
        registry.load(config)
    assert [(fault.field, fault.reason) for fault in broken.value.faults] == [
        ("budget.crawl", "应不大于 1440"),
        ("floods.rule", "应不小于 1"),
        ("health.blocked", "应不大于 1.0"),
        ("recrawl.lead", "应不小于 1"),
        ("shards", "不认识的字段"),
        ("window.0", "应为时刻，如 01:30:00"),
    ]


def test_a_night_may_run_past_midnight(watched: registry.Registry) -> None:
    hours = Schedule.model_validate({"window": ("22:00:00", "02:00:00")}).window
    late, early, noon = (datetime(2026, 11, 22, hour, 30, tzinfo=BEIJING) for hour in (22, 1, 12))
    assert [open_at(hours, moment) for moment in (late, early, noon)] == [True, True, False]
    assert [seconds_left(hours, moment) for moment in (late, early, noon)] == [12600, 1800, 0]
