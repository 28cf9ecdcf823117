"""The contract of every store on exclusions: kept in order, lifted for good, and safe at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from leads.exclusions import Exclusion, Scope, lifted, made
from leads.store import Store, open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def of_seller(name: str, days: float = 0) -> Exclusion:
    return made(
        Scope.SELLER,
        f"taobao:{name}",
        right="gi-vinegar",
        code="授权使用",
        reason="授权经销商",
        by="张三",
        second="李四",
        at=NIGHT + days * DAY,
        until=NIGHT.date() + 90 * DAY,
    )


def test_exclusions_come_back_as_they_were_made_oldest_first(store: Store) -> None:
    assert list(store.exclusions()) == []
    ordered = [of_seller("乙"), of_seller("甲", 0.000001 / 86400), of_seller("丙", 1)]
    for one in reversed(ordered):
        store.exclude(one)
    store.exclude(ordered[0])
    assert list(store.exclusions()) == sorted(ordered, key=lambda one: (one.at, one.id))
    assert store.totals()["exclusions"] == 3


def test_an_exclusion_once_lifted_stays_lifted(store: Store) -> None:
    one = of_seller("甲")
    gone = lifted(one, by="王五", reason="授权到期", at=NIGHT + DAY)
    for told in (one, gone, one):
        store.exclude(told)
    assert list(store.exclusions()) == [gone]


def test_another_process_sees_it_at_once(url: str) -> None:
    with open_store(url) as first, open_store(url) as second:
        first.exclude(of_seller("甲"))
        assert list(second.exclusions()) == [of_seller("甲")]


FLUSHED = """
import sys
from leads.model import Listing
from leads.store import open_store

store = open_store(sys.argv[1])
for ref in range(50):
    store.see(Listing(site="jd", ref=str(ref), title="陈醋"))
store.flush()
print("flushed", flush=True)
sys.stdin.readline()
"""


def test_what_was_flushed_survives_a_kill(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FLUSHED, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "flushed\n"
        process.send_signal(signal.SIGKILL)
    with open_store(url) as store:
        assert store.totals()["listings"] == 50
        store.flush()
