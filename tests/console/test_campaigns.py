"""Campaigns on the command line: their days, their searches, their closing report."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from console.campaigns import campaign
from console.watching import crawl
from leads.beijing import BEIJING
from leads.model import Finding, Hit, Lead, Listing, Triage, lead_id
from leads.query import parse
from leads.store import open_store
from practice.server import serve

ROOT = Path(__file__).parents[2]
TODAY = datetime.now(BEIJING).date()
ENTRY = """
name = "某专项"
owner = "某处"
rights = ["gi-shanxi-laochencu", "gi-pingyao-niurou"]
words = ["礼盒"]
sites = [{sites}]
every = 2
source = "某通知"
[season]
{season}
"""
Run = Callable[..., Result]


def add(config: Path, name: str, season: str, sites: str = "") -> None:
    text = ENTRY.format(season=season, sites=sites)
    (config / "campaigns" / f"{name}.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def config(small_config: Callable[[], Path]) -> Path:
    root = small_config()
    add(root, "feast", 'holiday = "春节"\nexpected = [2027-02-06]\nbefore = 35')
    add(root, "harvest", "months = [11, 11]")
    add(root, "now", f"once = [{TODAY}, {TODAY}]")
    add(root, "unknown", 'holiday = "某某节"')
    return root


@pytest.fixture
def run(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKWATCH_CONFIG", str(config))

    def typed(command: click.Command, *words: str) -> Result:
        result = CliRunner().invoke(command, words, standalone_mode=False)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


def test_days_from_a_calendar_that_is_not_published_are_provisional_and_the_file_is_named(
    run: Run,
) -> None:
    told = run(campaign, "list", "--on", "2027-01-20")
    assert "feast　某专项　2027-01-02 至 2027-02-06（暂定）　进行中" in told.stdout
    assert "harvest　某专项　2027-11-01 至 2027-11-30　未开始" in told.stdout
    assert "unknown　某专项　日期不明　—" in told.stdout
    assert "缺少 calendar/2027.toml（当年放假安排），春节日期暂定" in told.stderr
    assert "harvest" not in told.stderr


def test_a_campaign_shows_what_it_searches_for_first(run: Run) -> None:
    told = run(campaign, "show", "feast", "--on", "2026-11-22").stdout
    assert told.splitlines()[-4:] == [
        "  山西老陈醋",
        "  平遥牛肉",
        "  山西老陈醋 礼盒",
        "  平遥牛肉 礼盒",
    ]
    assert "2026 年：2026-01-11 至 2026-02-23" in told
    assert "2027 年：2027-01-02 至 2027-02-06（暂定）" in told


def filled(url: str = "sqlite:///var/markwatch.db") -> None:
    with open_store(url) as store:
        for number in range(6):
            seen = datetime(2026, 11, 1, tzinfo=BEIJING) + timedelta(days=7 * number)
            right = ("gi-shanxi-laochencu", "gi-pingyao-niurou")[number % 2]
            listing = Listing(site="taobao", ref=f"{number}", title='=1+1"醋"', captured_at=seen)
            hit = Hit(
                right=right,
                name="某",
                finding=Finding.GI_NAME,
                matcher="names",
                score=0.9,
                reason="疑似使用",
            )
            store.see(listing)
            store.put(
                [
                    Lead(
                        id=lead_id("taobao", f"{number}", right),
                        right=right,
                        right_name="某",
                        listing=listing,
                        triage=Triage.LEAD,
                        score=0.9,
                        hits=(hit,),
                        law_day=seen.date(),
                        found_at=seen,
                    )
                ]
            )


def test_the_report_says_in_every_form_what_the_store_says(run: Run) -> None:
    filled()
    lines = run(campaign, "report", "harvest", "--year", "2026", "--format", "jsonl").stdout
    whole, *counts = map(json.loads, lines.splitlines())
    assert whole["leads"] == 5
    assert whole["sites"]["taobao"] == {"offered": 5, "new": 5, "vanished": 0, "relisted": 0}
    told = run(campaign, "report", "harvest", "--year", "2026").stdout
    run(campaign, "report", "harvest", "--year", "2026", "--format", "xlsx", "-o", "r.xlsx")
    page = openpyxl.load_workbook("r.xlsx").active
    assert page is not None
    cells = [tuple(row) for row in page.iter_rows(min_row=2, values_only=True)]
    with open_store("sqlite:///var/markwatch.db") as store:
        for count in counts:
            if count["query"]:
                assert store.count(parse(count["query"])) == count["leads"]
                assert any(row[2:] == (str(count["leads"]), count["query"]) for row in cells)
    assert "线索 5 条" in told
    assert "山西老陈醋（gi-shanxi-laochencu）　3" in told
    assert "淘宝网：期间在售商品 5，其中新见 5" in told


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("report", "nothing"), "没有专项 nothing；已配置：feast、harvest、now、unknown"),
        (("report", "unknown", "--year", "2027"), "缺少 calendar/2027.toml"),
        (("report", "unknown"), "专项还没有开始过"),
        (("report", "now", "--year", "2020"), "2020 年没有这个专项"),
        (("report", "harvest", "--format", "xlsx"), "须用 -o 写入文件"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(
    run: Run, words: tuple[str, ...], reason: str
) -> None:
    filled()
    with pytest.raises(click.UsageError, match=reason):
        run(campaign, *words)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--campaign", "now"), "都没有备齐采集条件"),
        (("--campaign", "now", "--fair", "canton-140"), "只能写一个"),
        (("--campaign", "now", "--query", "醋"), "不能同时写 --query"),
        (("--campaign", "nothing"), "没有专项"),
        (("--fair", "nothing"), "没有展会"),
        (("--fair", "canton-140"), "没有|期满解除"),
        (("--campaign", "now", "--resume"), "--resume 按上次的安排继续"),
    ],
)
def test_a_crawl_that_has_nothing_to_visit_says_why(
    run: Run, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(click.UsageError, match=reason):
        run(crawl, *words)


MARKET = """
name = "练习"
kind = "{kind}"
spider = "{kind}"
url = "{url}/{kind}/"
search = "{search}"
practice = true
"""


@pytest.mark.night
def test_a_crawl_for_a_campaign_or_a_fair_asks_for_what_they_want_and_no_more(
    small_config: Callable[[], Path], tmp_path: Path
) -> None:
    config = small_config()
    (config / "fairs" / "canton-140.toml").unlink()
    add(config, "drill", f"once = [{TODAY}, {TODAY}]", '"some-market"')
    with serve(size=20) as served:
        for kind, search in (("market", "search?q={query}&page=1"), ("fair", "exhibitors?page=1")):
            entry = MARKET.format(kind=kind, url=served.url, search=search)
            (config / "sites" / f"some-{kind}.toml").write_text(entry, encoding="utf-8")
        fair = f'name = "f"\nplace = "p"\nfirst = {TODAY}\nlast = {TODAY}\nsite = "some-fair"\n'
        (config / "fairs" / "drill.toml").write_text(fair, encoding="utf-8")
        asked = {
            option: visited(config, tmp_path / option, f"--{option}", "drill", "--max-pages", "1")
            for option in ("campaign", "fair")
        }
    searched = [parse_qs(urlsplit(url).query)["q"][0] for url in asked["campaign"] if "q=" in url]
    assert set(searched) == {"山西老陈醋", "平遥牛肉", "山西老陈醋 礼盒", "平遥牛肉 礼盒"}
    assert not any("/fair/" in url for url in asked["campaign"])
    assert asked["fair"]
    assert all("/fair/" in url for url in asked["fair"])


WITHOUT_PICTURES = (
    "import sys; sys.modules['rapidocr'] = None; from console.cli import main; main()"
)


def visited(config: Path, folder: Path, *words: str) -> list[str]:
    """Return the addresses a crawl has visited."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PICTURES, "crawl", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MARKWATCH_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with open_store(f"sqlite:///{folder}/var/markwatch.db") as store:
        return [visit.url for visit in store.visits()]
