"""One night over loopback, through the commands as a user types them; nothing is a stand-in."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.vault import Vault
from practice.catalogue import Market
from practice.files import COMPLAINANTS, COOKIE
from practice.server import Served, serve
from practice.settle import settle
from practice.truth import FILES

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.night


def markwatch(
    *words: str | Path, stdin: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run the command as installed, and want this exit code of it."""
    run = subprocess.run(
        [sys.executable, "-m", "console.cli", *map(str, words)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == code, f"exit {run.returncode}\n{run.stdout}\n{run.stderr}"
    return run


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'markwatch.db'}"


def leads_of(folder: Path, query: str = "") -> list[dict[str, object]]:
    run = markwatch("leads", query, "--format", "jsonl", "--store", store_of(folder))
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_a_night_finds_all_misuse_and_accuses_no_decoy(night: Path) -> None:
    told = (night / "stdout.txt").read_text(encoding="utf-8")
    assert "漏掉 0，误报 0" in told
    for recipient in ("市局", "平台", "公安机关"):
        assert f"：{recipient}，附文书草稿，核验完好" in told


def test_misuse_in_files_is_found_and_who_complained_is_kept_in_them_only(night: Path) -> None:
    found = {(lead["listing"]["ref"], lead["right"]) for lead in leads_of(night)}
    truths = [truth for truth in Market().truth() if truth.site == FILES]
    assert {(truth.ref, right) for truth in truths for right in truth.rights} <= found

    secrets = [word.encode() for word in (COOKIE, *(w for who in COMPLAINANTS for w in who))]
    given = set((night / "files").rglob("*"))
    kept = [path for path in night.rglob("*") if path.is_file() and path not in given]
    kept_bytes = [path.read_bytes() for path in kept if path.suffix != ".zip"]
    for path in night.rglob("packets/*.zip"):
        with zipfile.ZipFile(path) as packet:
            kept_bytes += map(packet.read, packet.namelist())
    assert kept_bytes
    assert not [word for word in secrets for body in kept_bytes if word in body]


def test_a_page_that_an_officer_saved_waits_no_longer(night: Path) -> None:
    assert "，2 个已有答复" in (night / "stdout.txt").read_text(encoding="utf-8")
    waiting = markwatch("queue", "--store", store_of(night)).stdout
    assert not [offer.ref for offer in Market().guarded() if offer.ref in waiting]


def test_a_packet_is_refused_after_one_byte_is_changed_and_the_file_is_named(
    night: Path, tmp_path: Path
) -> None:
    lead = str(leads_of(night)[0]["id"])
    made = markwatch(
        "packet", lead, "--to", "太原", "--draft", "-o", tmp_path, "--store", store_of(night),
        "--vault", night / "vault", "--config", night / "config",
    ).stdout.strip()  # fmt: skip
    markwatch("verify", made)
    body = bytearray(Path(made).read_bytes())
    body[len(body) // 2] ^= 1
    Path(made).write_bytes(body)
    assert "：" in markwatch("verify", made, code=1).stderr


def test_a_judgement_outlives_a_rematch_and_a_second_night(night: Path) -> None:
    lead = str(leads_of(night)[-1]["id"])
    markwatch(
        "judge", lead, "--as", "排除", "--reason", "授权经销商", "--by", "张三",
        "--store", store_of(night),
    )  # fmt: skip
    before = leads_of(night)
    markwatch("rematch", "--config", night / "config", "--store", store_of(night))
    after = leads_of(night)
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert {one["id"]: one["state"] for one in after}[lead] == "排除"


def test_exports_hold_text_only(night: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "leads.xlsx"
    markwatch("leads", "--format", "xlsx", "-o", sheet, "--store", store_of(night))
    assert sheet.stat().st_size > 0
    rows = markwatch("leads", "--format", "csv", "--store", store_of(night)).stdout.splitlines()
    assert len(rows) == len(leads_of(night)) + 1


def test_every_listing_knows_the_bytes_it_was_read_from(night: Path) -> None:
    with sqlite3.connect(night / "markwatch.db") as db:
        bodies = [json.loads(body) for (body,) in db.execute("SELECT body FROM listing")]
    assert bodies
    vault = Vault(night / "vault")
    for body in bodies:
        page = vault.bytes(vault.record(body["capture"]))  # damaged or missing raises
        assert page


def test_a_listing_outlives_its_picture_and_shares_it(night: Path) -> None:
    with sqlite3.connect(night / "markwatch.db") as db:
        pictures = [
            picture
            for (body,) in db.execute("SELECT body FROM listing")
            for picture in json.loads(body)["pictures"]
        ]
    urls = [picture["url"] for picture in pictures]
    assert any(picture["sha256"] is None for picture in pictures)  # the missing one
    shared = {url for url in urls if urls.count(url) > 1}
    assert shared
    assert all(picture["sha256"] for picture in pictures if picture["url"] in shared)


@pytest.fixture
def market(tmp_path: Path) -> Iterator[tuple[Served, Path]]:
    """A served market of 120 listings, and a config that knows it."""
    with serve(size=120) as served:
        yield served, settle(ROOT / "config", tmp_path / "config", served.url, 120, 36)


def test_ctrl_c_keeps_what_was_stored_and_the_next_run_completes_it(
    market: tuple[Served, Path], tmp_path: Path
) -> None:
    _, config = market
    where = ("--config", config, "--store", store_of(tmp_path), "--vault", tmp_path / "vault")
    command = [sys.executable, "-m", "console.cli", "crawl", "practice-market", *map(str, where)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        stored = 0
        while stored < 20 and run.poll() is None:
            time.sleep(0.05)
            stored = count(tmp_path)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
    assert run.returncode == 130
    kept = count(tmp_path)
    assert 20 <= kept < 120
    markwatch("crawl", "practice-market", *where)
    assert count(tmp_path) == 120


def count(folder: Path) -> int:
    """Listings in the store; 0 while there is none."""
    try:
        with sqlite3.connect(f"file:{folder / 'markwatch.db'}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM listing").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_too_few_listings_are_a_failed_run(market: tuple[Served, Path], tmp_path: Path) -> None:
    _, config = market
    run = markwatch(
        "crawl", "practice-market", "--query", "没有这样的商品", "--config", config,
        "--store", store_of(tmp_path), "--vault", tmp_path / "vault", code=1,
    )  # fmt: skip
    assert "应不少于" in run.stderr


def test_a_part_of_a_crawl_is_not_held_against_the_whole(
    market: tuple[Served, Path], tmp_path: Path
) -> None:
    _, config = market
    where = ("--config", config, "--store", store_of(tmp_path), "--vault", tmp_path / "vault")
    markwatch("crawl", "practice-fair", "practice-fair", "--max-pages", "1", *where)
    assert 0 < count(tmp_path) < 36
