"""Campaigns follow the published calendar; where there is none yet, they say so and go on."""

import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leads.calendar import Holiday, Year
from leads.campaign import Campaign
from leads.model import Right
from leads.registry import ConfigError, Registry, find_config, load
from leads.season import Season
from leads.seasonal import campaigns_of, uncertain, watched_names

YEARS = {
    2026: Year(
        year=2026,
        holidays=(
            Holiday(name="春节", first=date(2026, 2, 15), last=date(2026, 2, 23)),
            Holiday(name="国庆节、中秋节", first=date(2026, 10, 1), last=date(2026, 10, 8)),
        ),
        source="通知",
    )
}


def a_campaign(season: dict[str, Any], **fields: Any) -> Campaign:
    base = {"id": "some", "name": "某专项", "owner": "某处", "source": "某通知"}
    return Campaign.model_validate({**base, "season": season, **fields})


# What is written, the year asked for, and the days that follow: first, last, whether provisional.
WINDOWS = {
    "around a holiday": (
        {"holiday": "春节", "before": 35, "after": 15},
        2026,
        ("2026-01-11", "2026-03-10", False),
    ),
    "two holidays in one": ({"holiday": "中秋节"}, 2026, ("2026-10-01", "2026-10-08", False)),
    "calendar not published, day expected": (
        {"holiday": "春节", "before": 35, "expected": ["2027-02-06"]},
        2027,
        ("2027-01-02", "2027-02-06", True),
    ),
    "calendar published, whatever was expected": (
        {"holiday": "春节", "expected": ["2026-02-17"]},
        2026,
        ("2026-02-15", "2026-02-23", False),
    ),
    "calendar not published, nothing expected": ({"holiday": "春节"}, 2027, None),
    "a calendar without this holiday": ({"holiday": "端午节"}, 2026, None),
    "a day of every year": (
        {"day": "04-26", "before": 6, "after": 4},
        2031,
        ("2031-04-20", "2031-04-30", False),
    ),
    "a day before the year begins": (
        {"day": "01-05", "before": 10},
        2027,
        ("2026-12-26", "2027-01-05", False),
    ),
    "a day most years do not have": ({"day": "02-29"}, 2027, ("2027-02-28", "2027-02-28", False)),
    "months of harvest": ({"months": [9, 11]}, 2026, ("2026-09-01", "2026-11-30", False)),
    "one month": ({"months": [2, 2]}, 2028, ("2028-02-01", "2028-02-29", False)),
    "to the year's end": ({"months": [9, 12]}, 2026, ("2026-09-01", "2026-12-31", False)),
    "past the year's end": ({"months": [11, 2]}, 2026, ("2026-11-01", "2027-02-28", False)),
    "once, in its year": (
        {"once": ["2026-12-20", "2027-01-10"]},
        2026,
        ("2026-12-20", "2027-01-10", False),
    ),
    "once, in another year": ({"once": ["2026-12-20", "2027-01-10"]}, 2027, None),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_a_season_has_the_days_that_its_entry_means(case: str) -> None:
    written, year, expected = WINDOWS[case]
    window = a_campaign(written).window(year, YEARS)
    if expected is None:
        assert window is None
    else:
        first, last, provisional = expected
        assert window == (date.fromisoformat(first), date.fromisoformat(last), provisional)


@pytest.mark.parametrize(
    "season",
    [
        {},
        {"holiday": "春节", "day": "04-26"},
        {"day": "04-31"},
        {"day": "4-26"},
        {"months": [9, 13]},
        {"once": ["2026-12-20", "2026-12-19"]},
        {"day": "04-26", "expected": ["2026-04-26"]},
        {"holiday": "春节", "before": -1},
    ],
)
def test_a_season_that_means_no_days_is_refused(season: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Season.model_validate(season)


def test_it_is_on_from_its_first_day_to_its_last_and_no_day_more() -> None:
    season = a_campaign({"months": [11, 2]})
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2027, 2, 28), date(2027, 3, 1)]
    assert [season.on(day, YEARS) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("day", "first"),
    [("2026-10-31", "2025-11-01"), ("2026-11-01", "2026-11-01"), ("2027-06-01", "2026-11-01")],
)
def test_the_days_that_began_last_are_those_to_report_on(day: str, first: str) -> None:
    begun = a_campaign({"months": [11, 2]}).begun(date.fromisoformat(day), {})
    assert begun is not None
    assert begun.first == date.fromisoformat(first)


@given(st.dates(date(2025, 1, 1), date(2030, 12, 31)))
def test_a_day_is_in_a_campaign_if_it_is_in_the_window_of_some_year(day: date) -> None:
    for written, _, _ in WINDOWS.values():
        campaign = a_campaign(written)
        windows = [campaign.window(year, YEARS) for year in range(2023, 2034)]
        assert campaign.on(day, YEARS) == any(w.first <= day <= w.last for w in windows if w)


def test_it_is_run_on_its_first_day_and_then_every_few_days() -> None:
    campaign = a_campaign({"months": [9, 9]}, every=7)
    days = [date(2026, 8, 25) + timedelta(days=n) for n in range(60)]
    ran: list[date] = [date(2026, 8, 30)]  # of another year's window, or by hand: does not count
    for day in days:
        if campaign.due(day, ran[-1], YEARS):
            ran.append(day)
    assert ran[1] == date(2026, 9, 1)
    assert {(later - day).days for day, later in pairwise(ran[1:])} == {7}
    assert ran[-1] <= date(2026, 9, 30)


def test_a_missed_night_makes_it_due_at_the_next() -> None:
    campaign = a_campaign({"months": [9, 9]}, every=7)
    assert campaign.due(date(2026, 9, 11), date(2026, 9, 1), YEARS)


RIGHTS = {
    right.id: right
    for right in (
        Right(id="gi-b", kind="gi", name="乙地陈醋", bureau="140100"),
        Right(id="gi-a", kind="gi", name="甲地牛肉", bureau="140700"),
        Right(id="eu-c", kind="gi", name="丙国奶酪"),
    )
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"rights": ["gi-a", "gi-b"], "words": ["礼盒", "年货"]},
            [
                "甲地牛肉", "乙地陈醋", "甲地牛肉 礼盒", "乙地陈醋 礼盒", "甲地牛肉 年货",
                "乙地陈醋 年货",
            ],
        ),
        ({"rights": ["eu-c"]}, ["丙国奶酪"]),
        ({"regions": ["140700"]}, ["甲地牛肉"]),
        ({}, ["乙地陈醋", "甲地牛肉"]),
        ({"rights": ["gi-a", "gi-a"], "words": ["礼盒"]}, ["甲地牛肉", "甲地牛肉 礼盒"]),
    ],
)  # fmt: skip
def test_names_are_searched_for_before_names_with_words(
    fields: dict[str, Any], expected: list[str]
) -> None:
    assert list(a_campaign({"day": "04-26"}, **fields).queries(RIGHTS)) == expected


# ---------------------------------------------------------------------------- the built-in ones


# As the State Council published the holidays of 2026: those days, and the days before and after.
HOLIDAYS_OF_2026 = {
    "spring-festival": ("2026-01-11", "2026-03-10"),
    "ip-day": ("2026-04-20", "2026-04-30"),
    "labour-day": ("2026-04-21", "2026-05-10"),
    "mid-autumn": ("2026-08-26", "2026-09-30"),
    "national-day": ("2026-09-11", "2026-10-14"),
}


def test_the_built_in_campaigns_of_2026_follow_its_calendar(watched: Registry) -> None:
    years = watched.desk.years
    found = {id: watched.campaigns[id].window(2026, years) for id in HOLIDAYS_OF_2026}
    assert {id: (str(w.first), str(w.last)) for id, w in found.items() if w} == HOLIDAYS_OF_2026


def test_every_built_in_campaign_has_days_in_years_without_a_calendar(watched: Registry) -> None:
    for campaign in watched.campaigns.values():
        for year in (2027, 2028, 2029, 2030):
            window = campaign.window(year, {})
            assert window is not None, (campaign.id, year)
            assert window.provisional == (campaign.season.holiday is not None)


def test_a_calendar_that_is_missing_is_named_before_the_year_begins(watched: Registry) -> None:
    assert uncertain(date(2026, 6, 1), watched) == ()
    told = uncertain(date(2026, 11, 22), watched)
    assert "春节专项监测：缺少 calendar/2027.toml（当年放假安排），春节日期暂定" in told
    assert "日期不明" in uncertain(date(2040, 1, 1), watched)[0]


def test_what_is_from_memory_says_so(watched: Registry) -> None:
    for campaign in watched.campaigns.values():
        assert not campaign.verified
        assert campaign.source


def test_the_night_searches_more_while_a_campaign_is_due(watched: Registry) -> None:
    due = {one.cause: one for one in campaigns_of(date(2026, 11, 22), watched)}
    assert {"campaigns/harvest-apple", "campaigns/harvest-jujube"} <= due.keys()
    assert "campaigns/ip-day" not in due
    assert due["campaigns/harvest-apple"].queries[0] == "吉县苹果"
    yesterday = dict.fromkeys(watched.campaigns, date(2026, 11, 21))
    assert campaigns_of(date(2026, 11, 22), watched, yesterday) == ()


# ---------------------------------------------------------------------------- the registry


@pytest.fixture
def config_copy(tmp_path: Path) -> Path:
    """A copy of the real config, to be broken."""
    shutil.copytree(find_config(), tmp_path / "config")
    return tmp_path / "config"


CAMPAIGN = """
name = "某专项"
owner = "某处"
rights = ["gi-nowhere", "gi-shanxi-laochencu"]
sites = ["nowhere"]
regions = ["149900"]
source = "某通知"
[season]
day = "04-26"
"""
FAIR = """
name = "某展会"
place = "某馆"
first = 2026-12-03
last = 2026-12-01
site = "cantonfair"
"""


def test_every_fault_of_campaigns_and_fairs_is_named_at_once(
    config_copy: Path,
) -> None:
    (config_copy / "campaigns" / "broken.toml").write_text(CAMPAIGN, encoding="utf-8")
    fairs = {
        "backwards": FAIR,
        "again": FAIR.replace("12-03", "11-30"),
        "market": FAIR.replace("12-03", "11-30").replace("cantonfair", "jd"),
        "nowhere": FAIR.replace("12-03", "11-30").replace("cantonfair", "no-such-site"),
    }
    for name, text in fairs.items():
        (config_copy / "fairs" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(config_copy)
    assert [(fault.file, fault.field, fault.reason) for fault in refused.value.faults] == [
        ("campaigns/broken.toml", "regions", "没有 bureaus/149900.toml"),
        ("campaigns/broken.toml", "rights", "没有 rights/gi-nowhere.toml"),
        ("campaigns/broken.toml", "sites", "没有 sites/nowhere.toml"),
        ("fairs/backwards.toml", "", "last（2026-12-01）早于 first（2026-12-03）"),
        (
            "fairs/canton-140.toml",
            "site",
            "与 fairs/again.toml 相同，每届展会须有自己的网站条目",
        ),
        ("fairs/market.toml", "site", "sites/jd.toml 不是展会（kind）"),
        ("fairs/nowhere.toml", "site", "没有 sites/no-such-site.toml"),
    ]


def test_a_config_without_campaigns_and_fairs_is_whole(config_copy: Path) -> None:
    for folder in ("campaigns", "fairs"):
        for path in (config_copy / folder).glob("*.toml"):
            path.unlink()
        (config_copy / folder).rmdir()
    registry = load(config_copy)
    assert (registry.campaigns, registry.fairs) == ({}, {})


def test_a_campaign_watches_names_on_its_sites_while_it_runs(watched: Registry) -> None:
    harvest, over = date(2026, 11, 22), date(2027, 1, 1)
    assert {"吉县苹果", "稷山板枣"} <= watched_names("taobao", harvest, watched)
    assert "大同黄花" not in watched_names("taobao", harvest, watched)
    assert watched_names("cantonfair", harvest, watched) == frozenset()
    assert watched_names("taobao", over, watched) == frozenset()
