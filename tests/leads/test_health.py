"""When a night falls short: its figures held against those of the nights before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.health import HealthLimits, faults
from leads.model import Verdict
from leads.nights import Night, PageKind, SiteNight

BEGAN = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)
LIMITS = HealthLimits()


def site(listings: int = 100, **changed: Any) -> SiteNight:
    usual: dict[str, Any] = {
        "site": "jd",
        "name": "京东",
        "listings": listings,
        "unchanged": listings,
        "read": listings,
        "visits": {Verdict.OK: listings},
        "fields": {"title": 1.0, "price": 0.9, "origin": 0.4},
        "finish": "finished",
    }
    return SiteNight(**usual | changed)


def night(day: int, *sites: SiteNight, **changed: Any) -> Night:
    when = date(2026, 11, 1) + timedelta(days=day)
    began = BEGAN + timedelta(days=day)
    usual: dict[str, Any] = {"matchers": {"names": 30}}
    return Night(id=f"{when}", day=when, began=began, ended=began, sites=sites, **usual | changed)


WEEK = [night(day, site(100 + day)) for day in range(7)]


def told(tonight: Night, before: list[Night] = WEEK) -> str:
    return "\n".join(faults(tonight, before, LIMITS))


def kind(**fields: float) -> PageKind:
    return PageKind(form="/item/#.html", listings=40, fields=fields)


CASES = {
    "like every night": (site(), ""),
    "a third fewer listings are no fault": (site(67), ""),
    "fewer than half": (site(40), "只看到 40 条商品，不到近 7 夜中位数 103 条的 50%"),
    "the crawl says why itself": (site(shortfall="京东：已中断"), "京东：已中断"),
    "a field is filled less": (
        site(fields={"title": 1.0, "price": 0.5, "origin": 0.4}),
        "50% 的商品取到价格，平常 90%",
    ),
    "a field fell away": (site(fields={"title": 1.0, "price": 0.9}), "0% 的商品取到产地"),
    "few listings say nothing of fields": (site(read=5, fields={}), ""),
    "a little less is no fault": (site(fields={"title": 1, "price": 0.7, "origin": 0.3}), ""),
    "a third of the pages blocked": (
        site(visits={Verdict.OK: 60, Verdict.BLOCKED: 40}),
        "40 个网页要求登录或验证，占 40%，超过 30%",
    ),
    "a few blocked pages are no fault": (site(visits={Verdict.OK: 90, Verdict.BLOCKED: 10}), ""),
    "a CAPTCHA for everything": (
        site(0, unchanged=0, read=0, visits={Verdict.BLOCKED: 3}, shortfall="没有一页可以读取"),
        "全部 3 个网页都要求登录或验证，什么也没有看到，须由人工打开",
    ),
    "an unknown structure": (
        site(visits={Verdict.OK: 70, Verdict.UNSUPPORTED: 30}, unknown=30),
        "30 个网页的版式不识别，占 30%，超过 20%",
    ),
    "pages for a browser that there is none of": (
        site(visits={Verdict.OK: 70, Verdict.UNSUPPORTED: 30}, for_browser=30),
        "30 个网页须用浏览器打开而没有打开，占 30%，超过 20%",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_site_is_held_against_itself(case: str):
    tonight, expected = CASES[case]
    found = told(night(7, tonight, site(site="pdd", name="拼多多")))
    assert expected in found
    assert bool(found) == bool(expected)


def test_a_captcha_for_everything_is_said_once():
    walled = site(0, unchanged=0, visits={Verdict.BLOCKED: 1}, shortfall="京东：没有一页可以读取")
    found = faults(night(7, walled, site(site="b", name="b")), [], LIMITS)
    assert found == ("京东：全部 1 个网页都要求登录或验证，什么也没有看到，须由人工打开",)


def test_one_kind_of_page_that_drifts_is_found_among_many_others():
    before = [night(day, site(kinds=(kind(title=1, price=0.95),))) for day in range(7)]
    tonight = night(7, site(kinds=(kind(title=1, price=0.1),)))
    assert told(tonight, before).startswith(
        "京东 的 /item/#.html 类网页：10% 的商品取到价格，平常 95%"
    )


def test_a_field_that_fell_on_the_whole_site_is_not_told_for_each_kind_of_page():
    before = [night(day, site(kinds=(kind(price=0.95),))) for day in range(7)]
    tonight = night(7, site(kinds=(kind(price=0.1),), fields={"title": 1, "origin": 0.4}))
    assert told(tonight, before).count("取到价格") == 1


def test_a_matcher_that_falls_silent_is_told():
    assert "方法“名称相同”没有命中，按平常应有 29 条左右" in told(night(7, site(100), matchers={}))
    assert told(night(7, site(60), matchers={"names": 1})) == ""


def test_silence_is_held_against_what_was_read():
    assert told(night(7, site(100, read=20), matchers={})) == ""


def test_a_site_that_every_night_had_is_missed():
    before = [night(day, site(), site(site="pdd", name="拼多多")) for day in range(7)]
    assert told(night(7, site()), before) == "拼多多：前 7 夜都采集了，这一夜没有"
    assert told(night(7, site()), [*before, night(6, site())]) == ""


def test_nothing_at_all_is_not_the_same_as_no_infringement():
    nothing = site(0, unchanged=0, read=0, visits={Verdict.EMPTY: 1}, fields={})
    assert "整夜没有看到一条商品" in told(night(7, nothing), [])
    assert "整夜没有看到一条商品" in told(night(7), [])


def test_a_machine_whose_share_is_no_site_has_nothing_to_see():
    share = night(7).model_copy(update={"id": "2026-11-08.2of5", "shard": "2/5"})
    assert told(share, []) == ""


def test_too_few_nights_before_compare_nothing():
    assert told(night(7, site(1), matchers={}), WEEK[:2]) == ""


def test_one_odd_night_does_not_move_the_yardstick():
    assert told(night(7, site(90)), [*WEEK[:6], night(6, site(5000))]) == ""
