"""The ledger: what is planned, what counts as done, what is due; and files it does not take."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from leads.beijing import BEIJING
from leads.ledger import Due, Glimpse, Ledger, Page, Plan, Stage, Task, Work
from leads.ledger.memory import content, outlined
from leads.model import Listing, Picture, Price, Sold
from leads.schedule import Schedule
from leads.store import Store, StoreError, open_store

PLAN = Plan(site="shop", queries=("醋",), recrawls=(Due(ref="9", url="https://shop.example/9"),))
NOW = datetime.now(UTC)
TODAY = datetime.now(BEIJING).date()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(f"sqlite:///{tmp_path / 'markwatch.db'}") as store:
        yield store


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one run of one site."""
    with Ledger(tmp_path / "ledger.db", "sqlite:///markwatch.db") as ledger:
        ledger.begin("one", [PLAN])
        yield ledger


def work(ledger: Ledger, store: Store, run: str = "one") -> Work:
    return Work(ledger, run, "shop", store, Schedule())


def task(key: str, outline: Listing | None = None) -> Task:
    told = outlined(outline) if outline else None
    return Task(key, f"https://shop.example/{key}", "parse_item", None, "{}", 1, told)


def offer(ref: str = "1", title: str = "陈醋", price: str = "12") -> Listing:
    asked = Price.model_validate({"min": price, "max": price})
    url = f"https://shop.example/{ref}"
    return Listing(site="shop", ref=ref, url=url, title=title, price=asked)


def settle(one: Work, *finished: str) -> None:
    one.write(one.batch(finished))


# ------------------------------------------------------------------ requests


def test_a_request_is_planned_once_in_a_run(ledger: Ledger, store: Store) -> None:
    first = work(ledger, store)
    assert first.plan(task("a"))
    assert not first.plan(task("a"))
    settle(first)
    again = work(ledger, store)
    assert not again.plan(task("a"))
    assert again.plan(task("b"))


def test_what_is_not_stored_is_to_be_done_again_in_order(ledger: Ledger, store: Store) -> None:
    first = work(ledger, store)
    for key in "abcde":
        first.plan(task(key))
    first.fetched("b")
    first.broken("c", Stage.FETCHED)
    first.broken("d", Stage.PARSED)
    settle(first, "a", "c", "d")
    assert [one.key for one in work(ledger, store).unfinished()] == ["b", "c", "d", "e"]
    assert ledger.stages("one", "shop") == {
        Stage.STORED: 1,
        Stage.FETCHED: 2,
        Stage.PARSED: 1,
        Stage.PLANNED: 1,
    }


def test_nothing_is_stored_before_what_it_led_to_is_planned(ledger: Ledger, store: Store) -> None:
    first = work(ledger, store)
    first.plan(task("list"))
    settle(first)
    first.plan(task("item"))
    first.batch(["list"])  # a kill, before it is written
    assert [one.key for one in work(ledger, store).unfinished()] == ["list"]


def test_what_could_not_be_written_is_written_the_next_time(ledger: Ledger, store: Store) -> None:
    first = work(ledger, store)
    first.plan(task("list"))
    batch = first.batch([])
    first.plan(task("item"))
    first.restore(batch)
    settle(first, "list")
    assert [one.key for one in work(ledger, store).unfinished()] == ["item"]


def test_another_run_begins_anew(ledger: Ledger, store: Store) -> None:
    settle_one = work(ledger, store)
    settle_one.plan(task("a"))
    settle(settle_one, "a")
    ledger.begin("two", [PLAN])
    assert work(ledger, store, "two").plan(task("a"))


# ------------------------------------------------------------------ runs


def test_a_run_keeps_the_plans_it_was_begun_with(ledger: Ledger) -> None:
    began = ledger.run("one").began
    ledger.begin("one", [Plan(site="other")])
    assert ledger.plans("one") == [PLAN]
    assert ledger.run("one").began == began


def test_the_last_run_is_unfinished_until_it_has_ended(ledger: Ledger) -> None:
    last = ledger.unfinished()
    assert last
    assert last.id == "one"
    ledger.end("one")
    assert ledger.unfinished() is None


def test_a_run_that_was_given_up_is_not_taken_up_after_a_later_one(ledger: Ledger) -> None:
    ledger.begin("two", [])
    ledger.end("two")
    assert ledger.unfinished() is None


def test_a_site_has_finished_only_if_it_came_to_its_end(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    for reason in ("shutdown", "window", "blocked"):
        one.finish(reason)
        assert not ledger.finished("one")
    one.finish("finished")
    assert ledger.finished("one") == {"shop"}


def test_requests_of_old_runs_are_forgotten_and_listings_are_not(
    ledger: Ledger, store: Store
) -> None:
    one = work(ledger, store)
    one.plan(task("a"))
    one.took(offer(), NOW, 0, looked=True)
    settle(one)
    ledger.write([("UPDATE run SET began = ?", ["2020-01-01T00:00:00Z"])])
    ledger.begin("two", [PLAN])
    with pytest.raises(KeyError):
        ledger.run("one")
    assert ledger.ask("SELECT count(*) FROM task", []) == [(0,)]
    assert ledger.due("shop", TODAY + timedelta(days=9))


# ------------------------------------------------------------------ what came


def test_pictures_that_wait_are_known_until_they_were_looked_at(
    ledger: Ledger, store: Store
) -> None:
    one = work(ledger, store)
    one.took(offer("1"), NOW, 1, looked=False)
    one.took(offer("2"), NOW, 0, looked=True)
    settle(one)
    assert ledger.unlooked("one") == [("shop", "1")]
    assert work(ledger, store).unlooked() == ["1"]
    one.looked(offer("1"), 3)
    settle(one)
    assert not ledger.unlooked("one")
    assert ledger.brought("one", "shop") == (2, 0, 3)


def test_what_was_only_seen_is_counted_apart_and_not_taken(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.took(offer("1"), NOW, 0, looked=True)
    one.glimpsed(Glimpse(site="shop", refs=("1", "2", "3"), at=NOW, there=True))
    settle(one)
    assert ledger.brought("one", "shop") == (1, 2, 0)
    assert work(ledger, store).taken() == ["1"]


def test_sellers_that_show_a_reference_outlive_the_process(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.shows(offer("1"), ["photo"])
    one.shows(offer("1"), ["photo"])
    settle(one)
    assert work(ledger, store).shown() == {"photo": {"1": None}}


# ------------------------------------------------------------------ when it is due


def days(ledger: Ledger) -> list[int]:
    """In how many days each listing is due, by number."""
    rows = ledger.ask("SELECT due FROM listing WHERE due IS NOT NULL ORDER BY ref", [])
    return [(date.fromisoformat(str(due)) - TODAY).days for (due,) in rows]


def test_a_lead_is_due_soon_and_what_stays_the_same_later_and_later(
    ledger: Ledger, store: Store
) -> None:
    one, pace = work(ledger, store), Schedule().recrawl
    told: list[int] = []
    for title in ("甲", "甲", "甲", "甲", "乙"):
        one.took(offer(title=title), NOW, 0, looked=True)
        settle(one)
        told += days(ledger)
    assert told == [pace.changed, pace.stable, 2 * pace.stable, 4 * pace.stable, pace.changed]
    one.took(offer(title="乙"), NOW, 1, looked=True)
    settle(one)
    assert days(ledger) == [pace.lead]
    one.took(offer(title="乙"), NOW, 0, looked=True, campaign=True)
    settle(one)
    assert days(ledger) == [pace.campaign]


def test_a_lead_that_only_its_pictures_show_is_due_soon(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.took(offer(), NOW, 0, looked=False)
    one.looked(offer(), 1)
    settle(one)
    assert days(ledger) == [Schedule().recrawl.lead]


def test_what_is_gone_is_looked_for_once_more(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.took(offer(), NOW, 0, looked=True)
    gone = Glimpse(site="shop", refs=("1",), at=NOW, there=False)
    one.glimpsed(gone)
    settle(one)
    assert days(ledger) == [1]
    one.glimpsed(gone)
    settle(one)
    assert days(ledger) == []


def test_what_cannot_be_read_gives_way_to_what_else_is_due(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.took(offer(), NOW, 1, looked=True)
    one.memory.unseen("1")
    settle(one)
    assert days(ledger) == [Schedule().recrawl.changed]


@pytest.mark.parametrize(
    ("listed", "current"),
    [
        (offer(), True),
        (offer(title="陈醋 新装"), False),
        (offer(price="11"), False),
        (offer("2"), False),
    ],
    ids=["as it was", "another title", "another price", "unknown"],
)
def test_only_what_a_list_says_anything_new_of_is_fetched(
    ledger: Ledger, store: Store, listed: Listing, current: bool
) -> None:
    one = work(ledger, store)
    one.plan(task("item 1", offer()))
    one.took(offer(title="陈醋 500ml"), NOW, 0, looked=True)  # its own page says more
    settle(one, "item 1")
    assert one.memory.current(listed) is current


def test_what_is_due_is_fetched_whatever_the_list_says(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    one.plan(task("item 1", offer()))
    one.took(offer(), NOW, 0, looked=True)
    settle(one, "item 1")
    ledger.write([("UPDATE listing SET due = ?", [TODAY.isoformat()])])
    assert not one.memory.current(offer())
    assert ledger.due("shop", TODAY) == [Due(ref="1", url="https://shop.example/1")]
    assert not ledger.due("shop", TODAY - timedelta(days=1))
    assert not ledger.due("other", TODAY)


@pytest.mark.parametrize(
    ("later", "same"),
    [
        ({"sold": Sold(count=9)}, True),
        ({"captured_at": NOW, "capture": "x"}, True),
        ({"pictures": (Picture(url="https://shop.example/1.jpg", sha256="a" * 64),)}, True),
        ({"pictures": (Picture(url="https://shop.example/2.jpg"),)}, False),
        ({"description": "五年陈酿"}, False),
    ],
    ids=["sold more", "seen again", "picture came", "another picture", "other words"],
)
def test_a_listing_changes_with_what_it_says(later: dict[str, object], same: bool) -> None:
    before = offer().model_copy(update={"pictures": (Picture(url="https://shop.example/1.jpg"),)})
    assert (content(before) == content(before.model_copy(update=later))) is same


def test_pages_and_pictures_are_remembered(ledger: Ledger, store: Store) -> None:
    one = work(ledger, store)
    page = Page("https://shop.example/1", '"e"', None, "a" * 64, "text/html")
    one.memory.keep_page(page)
    one.memory.keep_picture("https://shop.example/1.jpg", "b" * 64)
    settle(one)
    assert one.memory.page(page.url) == page
    assert one.memory.page("https://shop.example/2") is None
    assert one.memory.picture("https://shop.example/1.jpg") == "b" * 64
    assert ledger.pictures("shop", NOW) == 1
    ledger.write([("UPDATE picture SET at = ?", ["2020-01-01T00:00:00Z"])])
    assert one.memory.picture("https://shop.example/1.jpg") is None


# ------------------------------------------------------------------ files and stores


def test_what_one_store_holds_is_unknown_to_another(
    ledger: Ledger, store: Store, tmp_path: Path
) -> None:
    work(ledger, store)
    with Ledger(tmp_path / "ledger.db", "sqlite:///other.db") as other:
        assert other.unfinished() is None
        other.begin("one", [])
        one = work(other, store)
        one.took(offer(), NOW, 0, looked=True)
        settle(one)
        assert not ledger.due("shop", TODAY + timedelta(days=9))
        assert other.due("shop", TODAY + timedelta(days=9))
        other.forget()
        assert not other.due("shop", TODAY + timedelta(days=9))


def test_no_password_of_a_store_is_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", "https://user:secret@es.example:9200/mw") as ledger:
        assert ledger.ask("SELECT store FROM place", []) == [("https://es.example:9200/mw",)]


def newer(path: Path) -> None:
    with Ledger(path, "x") as ledger:
        ledger.write([("PRAGMA user_version = 99", [])])


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE a (b)")


def text(path: Path) -> None:
    path.write_text("不是数据库" * 500, encoding="utf-8")


def torn(path: Path) -> None:
    with Ledger(path, "x") as ledger:
        ledger.write([("INSERT INTO place (store) VALUES (?)", [f"{n:09}"]) for n in range(9000)])
    body = bytearray(path.read_bytes())
    body[8192:-8192] = b"\x5a" * (len(body) - 16384)
    path.write_bytes(body)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (newer, "由更新版本的程序建立"),
        (foreign, "是其他程序的数据库，不是采集台账"),
        (text, "不是数据库文件"),
        (torn, "已损坏"),
    ],
    ids=["newer", "of another program", "no database", "torn"],
)
def test_a_file_that_is_no_sound_ledger_is_named(made: object, told: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    assert callable(made)
    made(path)
    with pytest.raises(StoreError, match=f"采集台账 {path}：.*{told}"):
        Ledger(path, "x")
