"""What only the embedded store promises: readable tables, and clear words when the file fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads.fields import Field
from leads.model import Lead, Listing
from leads.query import parse
from leads.store import StoreError, open_store
from leads.store.sqlite import SQLiteStore
from leads.store.sqlite.schema import APPLICATION_ID, STEPS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "markwatch.db"


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(f"sqlite:///{path}")
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "无法打开" in refused(tmp_path)
    assert "无法建立文件夹" in refused(tmp_path / "file" / "markwatch.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    assert "不是数据库文件" in refused(path)
    assert path.read_bytes() == b"no database at all" * 100


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE song (title)")
    other.close()
    before = path.read_bytes()
    assert "是其他程序的数据库" in refused(path)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    SQLiteStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    newer.close()
    assert f"结构版本 {len(STEPS) + 1}，本程序最高支持 {len(STEPS)}" in refused(path)


def test_a_damaged_store_is_named(path: Path) -> None:
    SQLiteStore(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="已损坏"), SQLiteStore(path) as store:
        store.totals()


def test_a_store_that_another_program_holds_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.store.sqlite.file.WAIT", 0)
    SQLiteStore(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="正被其他进程占用"), SQLiteStore(path) as store:
        store.drop([("x", "y")], [], None)
    holder.close()


WRITE = """
import os, resource, signal, sys
from leads.store import StoreError
from leads.store.sqlite import SQLiteStore
from leads.model import Listing

path, limit = sys.argv[1], int(sys.argv[2])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
elif os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
kept = 0
try:
    with SQLiteStore(path) as store:
        while True:
            store.see(Listing(site="jd", ref=str(kept), title="x" * 1000))
            kept += 1
except StoreError as error:
    print(kept, error)
"""


def write_until_refused(path: Path, limit: int = 0) -> tuple[int, str]:
    """Return how many listings were kept, and why no more; as nobody, or with files so large."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(path), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    kept, _, error = done.stdout.partition(" ")
    return int(kept), error


def test_a_full_disk_is_named_and_what_was_kept_stays(path: Path) -> None:
    kept, error = write_until_refused(path, limit=1_000_000)
    assert "磁盘可能已满" in error
    assert kept > 20
    with SQLiteStore(path) as store:
        assert store.totals()["listings"] == kept


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, and nobody but the owner may write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_read_only_store_is_named(public: Path) -> None:
    path = public / "markwatch.db"
    SQLiteStore(path).close()
    path.chmod(0o444)
    if os.getuid() != 0:
        public.chmod(0o555)
    kept, error = write_until_refused(path)
    public.chmod(0o755)
    assert kept == 0
    assert "只读" in error or "无法打开" in error
    assert str(path) in error


def test_judgements_cannot_be_changed_or_removed_by_any_program(path: Path) -> None:
    SQLiteStore(path).close()
    browser = sqlite3.connect(path)
    browser.execute(
        "INSERT INTO judgement (lead, state, reason, by, at, body)"
        " VALUES ('L1', '排除', '理由', '甲', '2026', '{}')"
    )
    for statement in ("UPDATE judgement SET reason = 'other'", "DELETE FROM judgement"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            browser.execute(statement)
    browser.close()


def test_the_store_keeps_when_a_listing_was_seen_first_and_last(path: Path) -> None:
    with SQLiteStore(path) as store:
        for day in (3, 1, 5):
            store.see(
                Listing.model_validate(
                    {
                        "site": "jd",
                        "ref": "1",
                        "title": "x",
                        "captured_at": f"2026-11-0{day}T00:00:00+08:00",
                    }
                )
            )
    browser = sqlite3.connect(path)
    seen = browser.execute("SELECT first_seen, last_seen FROM listing").fetchall()
    browser.close()
    assert seen == [("2026-10-31T16:00:00.000000Z", "2026-11-04T16:00:00.000000Z")]


@pytest.mark.parametrize("body", ["", "{}", '{"title": "x", "from_the_future": 1}'])
def test_a_record_that_cannot_be_read_is_told_with_the_store(path: Path, body: str) -> None:
    with SQLiteStore(path) as store:
        store.see(Listing(site="jd", ref="1", title="x"))
        browser = sqlite3.connect(path)
        browser.execute("UPDATE listing SET body = ?", [body])
        browser.commit()
        browser.close()
        with pytest.raises(StoreError, match="记录无法读取") as caught:
            list(store.listings())
    assert str(path) in str(caught.value)


# ---------------------------------------------------------------------------- older files


def older(path: Path) -> None:
    """Write a file as the first version made it: one listing, two leads, one judged, two visits."""
    db = sqlite3.connect(path)
    for statement in STEPS[0]:
        assert isinstance(statement, str)
        db.execute(statement)
    listing = Listing.model_validate(
        {
            "site": "jd",
            "ref": "1",
            "title": "山西老陳醋",
            "seller": {"name": "醋坊"},
            "pictures": [{"sha256": "a" * 64}],
            "captured_at": "2026-11-01T09:00:00+08:00",
        }
    )
    seen = "2026-11-01T01:00:00.000000Z"
    db.execute(
        "INSERT INTO listing (site, ref, title, first_seen, last_seen, body)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        ["jd", "1", listing.title, seen, seen, listing.model_dump_json()],
    )
    for number, right in enumerate(("gi-x", "gi-y"), 1):
        db.execute(
            "INSERT INTO lead (number, id, triage, rank, score, right_id, right_name, title, site,"
            " ref, kind, seller, seller_name, found_at, body) VALUES"
            " (?, ?, 'lead', 0, 0.9, ?, '某醋', ?, 'jd', '1', 'offer', 'jd:醋坊', '醋坊', ?, ?)",
            [number, f"L{number}", right, listing.title, seen, lead_body(number, right, listing)],
        )
        db.execute(
            f"INSERT INTO lead_words VALUES (?{', ?' * 14})",  # noqa: S608  # marks only
            [number, *[" 山 "] * 14],
        )
        db.execute("INSERT INTO lead_tag VALUES ('finding', 'gi.name', ?)", [number])
    body = '{"lead":"L1","state":"排除","reason":"x","by":"甲","at":"2026-11-02T00:00:00Z"}'
    db.execute(
        "INSERT INTO judgement (lead, state, reason, by, at, body)"
        " VALUES ('L1', '排除', 'x', '甲', '2026-11-02', ?)",
        [body],
    )
    visit = '{"site":"jd","url":"https://x.test/","verdict":"ok","at":"2026-11-01T01:00:00Z"}'
    for _ in range(2):
        db.execute(
            "INSERT INTO visit (at, site, url, verdict, listings, body)"
            " VALUES (?, 'jd', 'https://x.test/', 'ok', 0, ?)",
            [seen, visit],
        )
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()


def lead_body(number: int, right: str, listing: Listing) -> str:
    hit = {
        "right": right,
        "name": "某醋",
        "finding": "gi.name",
        "matcher": "names",
        "score": 0.9,
        "reason": "疑似使用地理标志名称",
    }
    return Lead.model_validate(
        {
            "id": f"L{number}",
            "right": right,
            "right_name": "某醋",
            "listing": listing,
            "triage": "lead",
            "score": 0.9,
            "hits": [hit],
            "law_day": "2026-11-01",
            "found_at": "2026-11-01T01:00:00Z",
        }
    ).model_dump_json()


def test_a_store_of_the_first_version_opens_with_all_it_holds(path: Path) -> None:
    older(path)
    with SQLiteStore(path) as store:
        assert store.totals() == {
            "listings": 1, "sightings": 0, "leads": 2, "judgements": 1, "visits": 1, "sights": 0,
            "exclusions": 0,
        }  # fmt: skip
        assert [s.lead.id for s in store.find(parse("标题:老陈醋 NOT 状态:排除"))] == ["L2"]
        assert store.count(parse("发现:gi.name 平台:jd")) == 2
        assert store.facets(parse(""), [Field.STATE]).counts == {
            Field.STATE: {"排除": 1, "新发现": 1}
        }
        assert [one.listing.ref for one in store.appearances("a" * 64)] == ["1"]
        assert store.known("jd", "1") is not None
        assert [j.by for j in store.judgements("L1")] == ["甲"]
        assert store.drop([("jd", "1")], keep=[], rights=None) == 1
    with SQLiteStore(path) as store:
        assert store.totals()["leads"] == 1


def test_an_older_store_that_cannot_be_read_stays_as_it_was(path: Path) -> None:
    older(path)
    db = sqlite3.connect(path)
    db.execute("UPDATE lead SET body = '{}'")
    db.commit()
    db.close()
    assert "记录无法读取" in refused(path)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM lead_words").fetchone() == (2,)
    db.close()


def test_people_may_read_the_file_with_any_browser(path: Path) -> None:
    older(path)
    SQLiteStore(path).close()
    db = sqlite3.connect(path)
    rows = db.execute("SELECT 编号, 状态, 标题, 处理人 FROM 线索 ORDER BY 编号").fetchall()
    assert rows == [("L1", "排除", "山西老陳醋", "甲"), ("L2", "新发现", "山西老陳醋", None)]
    assert db.execute("SELECT 编号 FROM 商品").fetchall() == [("1",)]
    assert db.execute("SELECT 之前 FROM 变动").fetchall() == []
    assert db.execute("SELECT 处理人 FROM 人工结论").fetchall() == [("甲",)]
    db.close()
