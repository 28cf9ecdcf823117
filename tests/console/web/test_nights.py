"""Nights in the console: the same figures as the report, and nothing that is another city's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from console.night.keeping import keep
from console.web.office import Place
from leads.model import Triage, Verdict
from leads.nights import FILE, Found, Night, SiteNight

HOSTILE = '<script>alert(1)</script>\u202e"'
PASSWORD = "correct horse"  # noqa: S105


def night(day: int, listings: int = 90, leads: tuple[str, ...] = (), **changed: object) -> Night:
    when = date(2026, 11, day)
    began = datetime(2026, 11, day, 1, 30, tzinfo=UTC)
    site = SiteNight(site="jd", name="京东", listings=listings, unchanged=listings,
                     read=listings, visits={Verdict.OK: listings}, finish="finished")  # fmt: skip
    strongest = tuple(
        Found(lead=lead, site="jd", site_name="京东", title=f"标题{lead}", right_name="康师傅",
              triage=Triage.LEAD, score=0.9, reason=HOSTILE) for lead in leads
    )  # fmt: skip
    given: dict[str, object] = {
        "id": f"{when}", "day": when, "began": began, "ended": began + timedelta(hours=2),
        "sites": (site,), "matchers": {"names": 12}, "found": len(leads), "strongest": strongest,
    }  # fmt: skip
    return Night.model_validate(given | changed)


def test_nights_are_listed_the_last_one_first(local: TestClient, place: Place) -> None:
    keep(place.nights, night(20), [])
    keep(place.nights, night(21, 30, shortfalls=("京东：已中断", HOSTILE)), [night(20)])
    page = BeautifulSoup(local.get("/nights").text, "lxml")
    rows = [row.get_text(" ", strip=True) for row in page.select("table.nights tbody tr")]
    assert rows[0].startswith("2026-11-21（周六） 京东：已中断 等 2 处 30")
    assert rows[1].startswith("2026-11-20（周五） 正常 90")


def test_a_night_that_cannot_be_read_is_named(local: TestClient, place: Place) -> None:
    keep(place.nights, night(20), [])
    keep(place.nights, night(21), [])
    (place.nights / "2026-11-20" / FILE).write_text("{", encoding="utf-8")
    page = local.get("/nights").text
    assert 'role="alert"' in page
    assert "2026-11-20" in page
    assert "/nights/2026-11-21" in page
    assert "JSON" in local.get("/nights/2026-11-20").text


def test_one_night_shows_what_differs_from_the_night_before(
    local: TestClient, place: Place
) -> None:
    keep(place.nights, night(20), [])
    keep(place.nights, night(21, 30, matchers={"names": 15}), [night(20)])
    text = BeautifulSoup(local.get("/nights/2026-11-21").text, "lxml").get_text(" ", strip=True)
    assert "与前一夜相比 2026-11-20" in text
    assert "京东 30 -60" in text
    assert "名称相同 15 +3" in text
    assert "与前一夜相比" not in local.get("/nights/2026-11-20").text


def test_hostile_text_of_a_night_is_text(local: TestClient, place: Place) -> None:
    keep(place.nights, night(21, shortfalls=(HOSTILE,), notices=(HOSTILE,)), [])
    page = local.get("/nights/2026-11-21").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert not BeautifulSoup(page, "lxml").select("style, script:not([src]), [style]")


@pytest.mark.parametrize("name", ["2026-11-30", "..%2f..%2fetc", "x", "2026-13-99"])
def test_a_night_that_is_not_there_is_404(local: TestClient, name: str) -> None:
    assert local.get(f"/nights/{name}").status_code == 404


def test_the_new_leads_of_another_city_are_not_shown(team: TestClient, place: Place) -> None:
    def log_in(name: str) -> None:
        found = re.search(r'name="token" value="(\w+)"', team.get("/login").text)
        assert found
        given = {"token": found[1], "name": name, "password": PASSWORD}
        assert team.post("/login", data=given).status_code == 303

    log_in("乙")
    leads = re.findall(r'data-lead="(L\w+)"', team.get("/?q=").text)
    keep(place.nights, night(21, leads=tuple(leads)), [])
    assert all(f"标题{lead}" in team.get("/nights/2026-11-21").text for lead in leads)
    team.cookies.clear()
    log_in("丁")
    mine = re.findall(r'data-lead="(L\w+)"', team.get("/?q=").text)
    page = team.get("/nights/2026-11-21").text
    assert 0 < len(mine) < len(leads)
    assert {lead for lead in leads if f"标题{lead}" in page} == set(mine)
