"""A night: planned, gone through stage by stage, taken up where it was stopped, and reviewed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import pytest

from console.cli import cli
from console.night import stages
from console.night.course import Course, Place
from console.night.lock import Taken, holder, locked
from console.night.notices import notices
from console.night.planning import Planned, Tonight, day_of, plan
from console.night.pruning import prune
from console.night.review import Ending, next_night, passed
from console.night.shards import Shard, owner
from leads import registry
from leads.beijing import BEIJING
from leads.ledger import Due, Ledger
from leads.model import Finding, Hit, Judgement, Lead, Listing, State, Triage, lead_id
from leads.nights import FILE, Night, night_id, read_night
from leads.schedule import Schedule
from leads.seasonal import Addition
from leads.site import Terms
from leads.store import StoreError, open_store
from practice.server import serve
from practice.settle import settle, wall_off

ROOT = Path(__file__).parents[2]
HOURS = Schedule().window
DAY = date(2027, 1, 20)
TERMS = Terms.model_validate(
    {
        "contact": "某局",
        "impact_assessment": "评估一号",
        "approver": "甲",
        "window": ("01:00:00", "05:00:00"),
        "daily_pages": 100,
    }
)


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BEIJING)


@pytest.fixture(scope="module")
def office(watched: registry.Registry) -> registry.Registry:
    """The real config, with terms for two marketplaces."""
    sites = {
        name: site.model_copy(update={"terms": TERMS}) if name in ("jd", "taobao") else site
        for name, site in watched.sites.items()
    }
    return watched.model_copy(update={"sites": sites})


def planned(
    office: registry.Registry,
    tonight: Tonight,
    due: Sequence[Due] = (),
    spent: Mapping[str, int] | None = None,
    extra: Sequence[Addition] = (),
) -> dict[str, Planned]:
    plans = plan(tonight, office, lambda site: due, spent or {}, extra)
    return {one.site.id: one for one in plans}


# ---------------------------------------------------------------------------- the plan


SKIPPED = [
    # clock, shard, only, spent, why jd is not visited
    ("01:35", None, (), 0, None),
    ("04:59", None, ("jd",), 99, None),
    ("00:59", None, (), 0, "不在夜间时段内（01:30–06:00）"),
    ("05:30", None, (), 0, "不在网站允许的时段内（01:00–05:00）"),
    ("12:00", None, (), 0, "不在夜间时段内（01:30–06:00）"),
    ("01:35", None, ("taobao",), 0, "本次未选"),
    ("01:35", None, (), 100, "当日 100 页已用完"),
    ("01:35", Shard(owner("search.jd.com", 2), 2), (), 0, None),
    ("01:35", Shard(3 - owner("search.jd.com", 2), 2), (), 0, "属于另一台机器（分片）"),
]


@pytest.mark.parametrize(("clock", "shard", "only", "spent", "why"), SKIPPED)
def test_a_site_is_left_out_for_a_reason(
    office: registry.Registry,
    clock: str,
    shard: Shard | None,
    only: tuple[str, ...],
    spent: int,
    why: str | None,
) -> None:
    plans = planned(office, Tonight(DAY, at(clock), shard, frozenset(only)), spent={"jd": spent})
    assert plans["jd"].skipped == why
    assert set(plans) == set(office.sites)
    assert plans["pdd"].skipped in ("没有采集条件 [terms]，只能导入文件", "本次未选")


CLOSES = [
    # window of the night, minutes, begun at, closes at
    (("01:30", "06:00"), 240, "01:35", "05:00"),
    (("01:30", "04:00"), 240, "01:35", "04:00"),
    (("01:30", "06:00"), 30, "01:35", "02:05"),
]


@pytest.mark.parametrize(("window", "minutes", "begun", "closes"), CLOSES)
def test_a_site_closes_with_its_own_window_the_nights_or_the_budget(
    office: registry.Registry, window: tuple[str, str], minutes: int, begun: str, closes: str
) -> None:
    schedule = Schedule.model_validate({"window": window, "budget": {"crawl": minutes}})
    plans = planned(office.model_copy(update={"schedule": schedule}), Tonight(DAY, at(begun)))
    terms = plans["jd"].site.terms
    assert terms and terms.window == (at(begun).time(), at(closes).time())


def test_a_site_that_is_taken_up_after_the_window_is_not_visited(
    office: registry.Registry,
) -> None:
    terms = planned(office, Tonight(DAY, at("07:00")))["jd"].site.terms
    assert terms and not terms.open_at(at("07:00"))


def test_campaigns_are_searched_for_first(office: registry.Registry) -> None:
    campaign = Addition("campaigns/x", "某专项", ("jd",), ("甲 礼盒", "山西老陈醋"))
    plans = planned(office, Tonight(DAY, at("01:35")), extra=[campaign])
    assert plans["jd"].queries[:2] == ("甲 礼盒", "山西老陈醋")
    assert plans["jd"].queries.count("山西老陈醋") == 1
    assert plans["jd"].additions == (campaign,)
    assert "甲 礼盒" not in plans["taobao"].queries


def test_the_valuable_come_every_night_and_every_search_has_its_nights(
    office: registry.Registry,
) -> None:
    firsts = []
    for number in range(40):
        every = planned(office, Tonight(DAY + timedelta(days=number), at("01:35")))["jd"].queries
        firsts.append(set(every[: len(every) // 2]))  # what a night has pages for
    assert len(set.intersection(*firsts)) >= len(every) // 4
    assert set().union(*firsts) == set(every)


def test_known_listings_leave_pages_for_searches(office: registry.Registry) -> None:
    due = [Due(ref=str(n), url=f"https://item.jd.com/{n}.html") for n in range(200)]
    plans = planned(office, Tonight(DAY, at("01:35")), due, {"jd": 40})
    assert plans["jd"].recrawls == tuple(due[:30])
    assert (plans["jd"].due, plans["jd"].pages) == (200, 60)


DAYS = [
    # window, moment, day of its night
    (("01:30", "06:00"), "2027-01-20T01:30", "2027-01-20"),
    (("01:30", "06:00"), "2027-01-20T12:00", "2027-01-20"),
    (("01:30", "06:00"), "2027-01-21T00:40", "2027-01-20"),
    (("22:00", "02:00"), "2027-01-20T22:00", "2027-01-20"),
    (("22:00", "02:00"), "2027-01-21T01:00", "2027-01-20"),
    (("22:00", "02:00"), "2027-01-21T21:59", "2027-01-20"),
]


@pytest.mark.parametrize(("window", "moment", "day"), DAYS)
def test_a_night_is_its_days_until_the_next_begins(
    window: tuple[str, str], moment: str, day: str
) -> None:
    hours = Schedule.model_validate({"window": window}).window
    assert str(day_of(hours, datetime.fromisoformat(moment).replace(tzinfo=BEIJING))) == day


HOSTS = [f"www{n}.example.com" for n in range(400)]


def test_every_host_has_one_machine_and_one_machine_more_moves_few() -> None:
    shards = [Shard(number, 5) for number in range(1, 6)]
    for host in HOSTS:
        assert sum(shard.has(host) for shard in shards) == 1
    assert all(40 < sum(shard.has(host) for host in HOSTS) < 120 for shard in shards)
    moved = [host for host in HOSTS if owner(host, 5) != owner(host, 6)]
    assert all(owner(host, 6) == 6 for host in moved)


# ---------------------------------------------------------------------------- one at a time


HOLD = """
import sys, time
from datetime import datetime
from pathlib import Path
from console.night.lock import locked
from leads.beijing import BEIJING
with locked(Path(sys.argv[1]), "夜间采集", datetime(2027, 1, 20, 1, 30, tzinfo=BEIJING)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_night_is_told_who_has_the_lock_and_a_kill_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "ledger.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout and other.stdout.readline() == b"held\n"
        with pytest.raises(Taken) as taken, locked(path, "夜间采集", at("02:00")):
            pass
        told = f"正在进行：夜间采集，进程 {other.pid}，自 2027-01-20 01:30:00 起（锁 {path}）"
        assert str(taken.value) == holder(path) == told
        other.kill()
    assert holder(path) is None
    with locked(path, "夜间采集", at("02:00")):
        pass


# ---------------------------------------------------------------------------- stages


@pytest.fixture
def course(tmp_path: Path, watched: registry.Registry) -> Iterator[Course]:
    """A night of a config without terms, about to begin."""
    store = f"sqlite:///{tmp_path / 'leads.db'}"
    place = Place(ROOT / "config", store, tmp_path / "vault", tmp_path / "nights")
    with Ledger(tmp_path / "ledger.db", store) as ledger:
        tonight = Tonight(DAY, at("01:35"))
        yield Course(tonight, watched, place, ledger, tonight.id, tonight.at)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """What the stages do to signals ends with the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def failing(error: BaseException) -> Callable[[Course], str]:
    def stage(course: Course) -> str:
        raise error

    return stage


FAILURES = [
    (stages.Short("缺三条"), "坏：缺三条"),
    (StoreError("存储没有应答"), "坏：存储没有应答"),
    (OSError(28, "", "/disk"), "坏：/disk：磁盘已满"),
    (ZeroDivisionError("x"), "坏：程序出错（ZeroDivisionError），详见日志"),
]


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize(("error", "told"), FAILURES)
def test_a_stage_that_fails_is_counted_and_the_next_is_done(
    course: Course, error: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def good(course: Course) -> str:
        done.append("好")
        return "一切都好"

    stages.go_through(course, [("坏", failing(error)), ("好", good)])
    assert course.shortfalls == [told]
    assert done == ["好"]
    assert "一切都好" in capsys.readouterr().err


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_night_does_no_more_stages(course: Course, error: BaseException) -> None:
    with pytest.raises(type(error)):
        stages.go_through(course, [("断", failing(error)), ("好", failing(AssertionError()))])
    assert course.shortfalls == []


@pytest.mark.usefixtures("own_signals")
def test_sigterm_between_crawls_ends_the_night_as_ctrl_c_does(course: Course) -> None:
    def stopped(course: Course) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        return "没有停下"

    with pytest.raises(KeyboardInterrupt):
        stages.go_through(course, [("停", stopped)])


@pytest.mark.usefixtures("own_signals")
def test_a_night_that_may_visit_nothing_is_recorded_as_short(course: Course) -> None:
    stages.go_through(course, stages.WHOLE)
    kept = read_night(course.place.nights, str(DAY))
    assert kept.shortfalls[0] == "采集：没有一个网站可以采集，原因见计划"
    assert (course.place.nights / str(DAY) / "report.html").is_file()


@pytest.mark.usefixtures("own_signals")
def test_a_night_whose_store_does_not_answer_is_recorded_all_the_same(course: Course) -> None:
    course.place = Place(
        course.place.config, f"sqlite:///{ROOT}/pyproject.toml/x.db", course.place.vault,
        course.place.nights,
    )  # fmt: skip
    stages.go_through(course, stages.WHOLE)
    kept = read_night(course.place.nights, str(DAY))
    assert [why.partition("：")[0] for why in kept.shortfalls] == [
        "计划", "采集", "补识图片", "补送", "提示", "统计",
    ]  # fmt: skip


def test_only_nights_that_are_old_are_removed(tmp_path: Path) -> None:
    for name in ("2026-01-01", "2026-01-01.2of5", "2027-01-10", "2026-13-99", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / FILE).write_text("{}")
    (tmp_path / "2025-01-01").mkdir()  # no record: not ours to judge
    removed = prune(tmp_path, DAY, 30)
    assert [folder.name for folder in removed] == ["2026-01-01", "2026-01-01.2of5"]
    assert {folder.name for folder in tmp_path.iterdir()} == {
        "2027-01-10", "2026-13-99", "notes", "2025-01-01",
    }  # fmt: skip


# ---------------------------------------------------------------------------- what is told


def told_of(ref: str) -> Lead:
    listing = Listing(site="jd", ref=ref, title=f"某老陈醋 {ref}", captured_at=at("01:40"))
    right = "gi-shanxi-laochencu"
    hit = Hit(
        right=right, name="某", finding=Finding.GI_NAME, matcher="names", score=0.5, reason="疑似"
    )
    return Lead(
        id=lead_id("jd", ref, right),
        right=right,
        right_name="山西老陈醋",
        listing=listing,
        triage=Triage.REVIEW,
        score=0.5,
        hits=(hit,),
        law_day=DAY,
        found_at=at("01:40"),
    )


def test_what_became_of_listings_after_a_notice_to_the_platform_is_told(
    tmp_path: Path, watched: registry.Registry
) -> None:
    there, gone, back = (told_of(ref) for ref in ("1", "2", "3"))
    platform = next(one.id for one in watched.desk.recipients.values() if one.kind == "platform")
    with open_store(f"sqlite:///{tmp_path / 'leads.db'}") as store:
        for lead in (there, gone, back):
            store.see(lead.listing)
            store.put([lead])
            store.judge(
                Judgement(
                    lead=lead.id, state=State.TRANSFERRED, reason="通知平台", by="甲", second="乙",
                    to=platform, at=at("10:00"), happened_at=at("10:00"),
                )
            )  # fmt: skip
        later = [at("01:40", DAY + timedelta(days=days)) for days in (1, 2, 3)]
        for moment in later[:2]:
            store.missed("jd", ["2", "3"], moment)
        began = at("01:30", DAY + timedelta(days=3))
        again = back.listing.model_copy(update={"captured_at": later[2]})
        store.see(again)
        told = list(notices(store, watched, began.date(), began, later[2] + timedelta(hours=1)))
    assert told[0] == "平台通知 3 条：已下架 1，仍在售 1，下架后又上架 1（以采集所见为准）"
    assert told[1] == f"平台通知（2027-01-20）又重新上架：{back.id}　某老陈醋 3"
    assert not any(gone.id in line for line in told[1:2])  # it was told the night it vanished
    assert any("平台处理期限" in line and there.id in line for line in told) is False


# ---------------------------------------------------------------------------- the last nights


def record(folder: Path, day: date, shortfalls: tuple[str, ...] = ()) -> None:
    night = Night(
        id=night_id(day), day=day, began=at("01:30", day), ended=at("04:30", day),
        shortfalls=shortfalls,
    )  # fmt: skip
    (folder / night.id).mkdir(parents=True)
    (folder / night.id / FILE).write_text(night.model_dump_json(), encoding="utf-8")


def test_nights_that_were_missed_broken_off_or_short_are_told(tmp_path: Path) -> None:
    record(tmp_path, DAY)
    record(tmp_path, DAY + timedelta(days=2), ("少了",))
    (tmp_path / "2027-01-23").mkdir()
    (tmp_path / "2027-01-23" / FILE).write_text("{", encoding="utf-8")
    (tmp_path / "2027-01-24").mkdir()  # begun, without a record
    now = at("02:00", date(2027, 1, 26))

    def endings(now: datetime, running: str | None = None) -> list[tuple[str, Ending]]:
        found = passed(tmp_path, None, HOURS, now, 14, lambda name: name == "2027-01-24", running)
        return [(str(one.day)[-2:], one.ending) for one in found]

    past = [
        ("20", Ending.WHOLE),
        ("21", Ending.MISSED),
        ("22", Ending.SHORT),
        ("23", Ending.DAMAGED),
        ("24", Ending.BROKEN_OFF),
        ("25", Ending.MISSED),
    ]
    assert endings(now) == past  # tonight's may still be run
    assert endings(now, "2027-01-26") == [*past, ("26", Ending.RUNNING)]
    assert endings(at("06:00", date(2027, 1, 26))) == [*past, ("26", Ending.MISSED)]
    assert next_night(HOURS, now) == at("01:30", date(2027, 1, 27))


def test_before_the_first_night_none_was_missed(tmp_path: Path) -> None:
    assert passed(tmp_path / "nights", None, HOURS, at("12:00"), 14) == []


# ---------------------------------------------------------------------------- the command


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Told:
    """Run a command that does not crawl on the store in the folder: exit code, stdout, stderr."""
    monkeypatch.setenv("MARKWATCH_CONFIG", str(ROOT / "config"))
    monkeypatch.setenv("MARKWATCH_STORE", f"sqlite:///{tmp_path / 'leads.db'}")
    monkeypatch.setenv("MARKWATCH_NIGHTS", str(tmp_path / "nights"))

    def run(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words], standalone_mode=False)
        return int(code or 0), *capsys.readouterr()

    return run


def test_a_plan_of_any_day_is_printed_and_nothing_else_is_done(told: Told, tmp_path: Path) -> None:
    code, table, _ = told("nightly", "--dry-run", "--on", DAY)
    assert code == 0
    assert table.startswith("2027-01-20 夜间采集计划（2027-01-20 01:30:00）")
    assert "不采集 jd（京东）：没有采集条件 [terms]，只能导入文件" in table
    code, lines, _ = told("nightly", "--dry-run", "--format", "jsonl")
    assert {json.loads(line)["site"] for line in lines.splitlines()} >= {"jd", "taobao"}
    assert not (tmp_path / "nights").exists()


@pytest.mark.parametrize(
    "words", [["--on", "2027-01-20"], ["--only", "没有的"], ["--shard", "3/2"]]
)
def test_a_night_that_cannot_be_meant_is_refused(told: Told, words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        told("nightly", *words)


def test_a_second_night_is_refused_while_one_is_under_way(told: Told, tmp_path: Path) -> None:
    with locked(tmp_path / "ledger.lock", "夜间采集", at("01:30")):
        who = f"正在进行：夜间采集，进程 {os.getpid()}，自 2027-01-20 01:30:00 起"
        for words in (["nightly"], ["schedule", "status"]):
            code, _, complaint = told(*words)
            assert code == 1
            assert who in complaint
    assert not (tmp_path / "nights").exists()


@pytest.mark.usefixtures("own_signals")
def test_a_night_that_visited_nothing_may_be_done_again(told: Told, tmp_path: Path) -> None:
    for _ in range(2):
        code, _, complaint = told("nightly", "--vault", tmp_path / "vault")
        assert code == 1
        assert "没有一个网站可以采集" in complaint
        assert "已经做完" not in complaint
    (file,) = tmp_path.glob(f"nights/*/{FILE}")
    file.write_text("{", encoding="utf-8")
    code, _, complaint = told("nightly", "--vault", tmp_path / "vault")
    assert code == 1
    assert "已经做完" in complaint
    assert str(file) in complaint


SLIM = "import sys; sys.modules['rapidocr'] = None; from console.cli import main; main()"
"""The command as without the extra ``pictures``: what pictures show is not asked here."""


def nightly(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLIM, "nightly", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MARKWATCH_CHROMIUM": ""},
    )


@pytest.mark.night
def test_a_night_stopped_by_systemd_is_taken_up_and_then_is_whole(
    told: Told, tmp_path: Path
) -> None:
    store, size = tmp_path / "leads.db", 40
    with serve(size=size) as served:
        config = settle(ROOT / "config", tmp_path / "config", served.url, size // 2, 0)
        for entry in ("sites/practice-fair", "fairs/practice-fair"):
            (config / f"{entry}.toml").unlink()
        where = ("--config", config, "--vault", tmp_path / "vault")  # the rest is in environ
        with nightly(*where) as run:
            while listings(store) < 5 and run.poll() is None:
                time.sleep(0.02)
            run.send_signal(signal.SIGTERM)
            complaint = run.communicate(timeout=60)[1]
        assert run.returncode == 130, complaint
        assert listings(store) < size
        code, line, _ = told("schedule", "status", "--format", "jsonl")
        assert (code, json.loads(line)["ending"]) == (1, "broken_off")

        with nightly(*where) as run:
            complaint = run.communicate(timeout=120)[1]
        assert run.returncode == 0, complaint
        assert "开始的采集" in complaint
        code, line, _ = told("schedule", "status", "--format", "jsonl")
        last = json.loads(line)
        assert (code, last["ending"], last["listings"]) == (0, "whole", size)

        wall_off(config, served.url)
        with nightly(*where, "--only", "practice-walled") as run:
            complaint = run.communicate(timeout=60)[1]
        assert run.returncode == 1
        assert "未达到要求：练习围墙" in complaint


def listings(store: Path) -> int:
    """Listings in a store; 0 while there is none."""
    try:
        with open_store(f"sqlite:///{store}", create=False) as kept:
            return kept.totals()["listings"]
    except StoreError:
        return 0
