"""Nights that follow each other on the practice market: the diff is right, a wall is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from crawlers.browser import find_chromium, missing
from leads.nights import Night, read_night
from leads.sighting import Change, Sighting
from leads.store import open_store
from practice.nights import Changes
from practice.server import serve
from practice.settle import settle, wall_off
from practice.truth import MARKET, WALLED

ROOT = Path(__file__).parent.parent
SIZE = 40
FIRST = date(2026, 11, 22)

pytestmark = pytest.mark.night

NIGHT = """
import sys
sys.modules["rapidocr"] = None  # as without the extra `pictures`: what they show is not asked here
from datetime import date, datetime
from pathlib import Path
from console.night import stages
from console.night.course import Course, Place
from console.night.planning import Tonight
from leads import registry
from leads.beijing import BEIJING
from leads.ledger import Ledger

folder, day = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
watched = registry.load(folder / "config")
store = f"sqlite:///{folder / 'markwatch.db'}"
tonight = Tonight(day, datetime.now(BEIJING))
place = Place(folder / "config", store, folder / "vault", folder / "nights")
with Ledger(folder / "ledger.db", store) as ledger:
    course = Course(tonight, watched, place, ledger, str(day), tonight.at)
    stages.go_through(course, stages.WHOLE)
sys.exit(bool(course.night.shortfalls))
"""
"""What the command does, on a day that is not today: nights that follow each other in a minute."""
COMMAND = "import sys; sys.modules['rapidocr'] = None; from console.cli import main; main()"


def settled(folder: Path, url: str) -> None:
    """Write a config that watches the market only, and opens no browser."""
    settle(ROOT / "config", folder / "config", url, SIZE - SIZE // 5, 0)
    for entry in ("sites/practice-fair", "fairs/practice-fair", "campaigns/practice-campaign"):
        (folder / "config" / f"{entry}.toml").unlink()
    market = folder / "config" / "sites" / f"{MARKET}.toml"
    market.write_text(f"browser_pages = 0\n{market.read_text(encoding='utf-8')}", encoding="utf-8")


def day_of(night: int) -> date:
    """Far enough from each other for every listing to be due each night."""
    return FIRST + timedelta(days=100 * (night - 1))


class Told(NamedTuple):
    """What a night left."""

    night: Night
    sightings: list[Sighting]
    truth: Changes
    there: set[str]
    """What was on the market."""
    folder: Path


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Told]]:
    """Four nights on a market that changes."""
    folder = tmp_path_factory.mktemp("nights")
    told: dict[int, Told] = {}
    port, seen = 0, 0
    for number in range(1, 5):
        with serve(size=SIZE, port=port, night=number) as served:
            port = int(served.url.rpartition(":")[2])
            if number == 1:
                settled(folder, served.url)
            run = subprocess.run(
                [sys.executable, "-c", NIGHT, str(folder), str(day_of(number))],
                capture_output=True, text=True, cwd=ROOT, check=False,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
            with open_store(f"sqlite:///{folder / 'markwatch.db'}") as store:
                sightings = list(store.sightings())
            market = served.market
            told[number] = Told(
                read_night(folder / "nights", str(day_of(number))),
                sightings[seen:],
                market.changes(number) if number > 1 else Changes(),
                {offer.ref for offer in market},
                folder,
            )
            seen = len(sightings)
    yield told


def refs(told: Told, change: Change) -> set[str]:
    return {sighting.ref for sighting in told.sightings if sighting.change is change}


@pytest.mark.parametrize("number", [2, 3, 4])
def test_each_night_tells_exactly_what_changed_on_the_market(
    nights: dict[int, Told], number: int
) -> None:
    told = nights[number]
    assert refs(told, Change.TITLE) == told.truth.retitled
    assert refs(told, Change.PRICE) == told.truth.repriced
    assert refs(told, Change.VANISHED) == told.truth.vanished
    assert refs(told, Change.RELISTED) == told.truth.relisted


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_record_of_a_night_counts_what_the_market_did(
    nights: dict[int, Told], number: int
) -> None:
    told = nights[number]
    truth, (site,) = told.truth, told.night.sites
    new = truth.new if number > 1 else told.there
    changed = (truth.repriced | truth.retitled) - truth.relisted
    assert site.listings == len(told.there)
    assert (site.new, site.relisted) == (len(new), len(truth.relisted))
    assert (site.changed, site.vanished) == (len(changed), len(truth.vanished))
    assert site.unchanged == len(told.there) - len(new) - len(changed) - len(truth.relisted)
    assert told.night.shortfalls == ()


def test_everything_was_put_to_the_test(nights: dict[int, Told]) -> None:
    for what in vars(Changes()):
        assert any(getattr(told.truth, what) for told in nights.values()), what


def test_new_leads_of_a_night_are_only_those_of_what_is_new_or_changed(
    nights: dict[int, Told],
) -> None:
    assert nights[1].night.found > 10
    later = [told.night for number, told in nights.items() if number > 1]
    assert all(night.found < 5 for night in later)


def test_a_site_of_captchas_makes_the_night_fail_and_says_so(tmp_path: Path) -> None:
    with serve(size=4) as served:
        settled(tmp_path, served.url)
        (tmp_path / "config" / "sites" / f"{MARKET}.toml").unlink()
        wall_off(tmp_path / "config", served.url)
        run = subprocess.run(
            [
                *(sys.executable, "-c", COMMAND, "nightly"),
                *("--config", str(tmp_path / "config"), "--nights", str(tmp_path / "nights")),
                *("--store", f"sqlite:///{tmp_path / 'markwatch.db'}"),
                *("--vault", str(tmp_path / "vault")),
            ],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    assert run.returncode == 1, run.stderr
    why = "练习围墙：全部 1 个网页都要求登录或验证，什么也没有看到，须由人工打开"
    assert why in run.stderr
    (record,) = (tmp_path / "nights").glob("*/night.json")
    night = json.loads(record.read_text(encoding="utf-8"))
    assert why in night["shortfalls"]
    assert night["sites"][0]["site"] == WALLED
    assert night["waiting"] == 1
    assert why in (record.parent / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(bool(missing()), reason=f"没有可用的浏览器：{missing()}（见 docs/browser.md）")
def test_the_report_opens_in_a_browser_with_the_numbers_of_the_night(
    nights: dict[int, Told],
) -> None:
    from playwright.sync_api import sync_playwright

    told = nights[4]
    report = told.folder / "nights" / told.night.id / "report.html"
    (site,) = told.night.sites
    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.on("console", lambda said: heard.append(said.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(report.as_uri())
        cells = page.locator("table.sites tbody tr td.number").all_inner_texts()
        bars = page.locator("table.sites svg.bars rect").count()
        tiles = page.locator(".tile b").all_inner_texts()
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "这一夜正常" in page.inner_text("main")
        browser.close()
    assert heard == [report.as_uri()]
    assert cells == [
        str(number)
        for number in (site.listings, site.new, site.changed, site.vanished, site.relisted,
                       site.leads, site.pages)
    ]  # fmt: skip
    assert bars == 4
    assert tiles[0] == str(site.listings)
    assert tiles[5] == str(told.night.found)
