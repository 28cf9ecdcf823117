"""A rematch finds what the engine finds, however the archive is cut and whoever is killed."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from leads.faults import ConfigError
from leads.model import Judgement, Lead, Listing, RightKind, State
from leads.query import parse
from leads.registry import Registry
from leads.sighting import Known, listing_id
from leads.store import Entry, Part, StoreError, open_store
from leads.store.archive import Stretch
from pipelines.rematch import work
from pipelines.rematch.crew import Alone, Crew, CrewError, Do, Processes, R
from pipelines.rematch.drive import SIZE, rematch
from pipelines.rematch.progress import Begin, Counts, Progress, progress_file
from pipelines.rematch.task import Task, crowded

ROOT = Path(__file__).parents[2]
FOUND = datetime(2026, 11, 22, tzinfo=UTC)
Plain = Mapping[str, str]
Archives = Callable[[], str]


class Shuffled(Alone):
    """Does the work in an order of its own."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def each(self, do: Do[R], task: bytes, over: Iterable[Stretch]) -> Iterator[tuple[Stretch, R]]:
        """Do the stretches in any order."""
        some = list(over)
        self._rng.shuffle(some)
        return super().each(do, task, some)


def a_task(url: str, watched: Registry, *rights: str) -> Task:
    with open_store(url) as store:
        sellers = crowded(store.sellers_showing())
        return Task(url, watched, FOUND, store.exclusions(), rights, sellers=sellers)


def run(
    url: str,
    task: Task,
    crew: Crew,
    *,
    size: int = 50,
    most: int | None = None,
    resume: bool = False,
) -> tuple[Counts, Begin]:
    """Match again, stopping after so many stretches as if killed."""
    with (
        open_store(url) as store,
        Progress(progress_file(url), task.digest, FOUND, resume=resume) as progress,
        crew as entered,
    ):
        for _ in islice(rematch(task, store, entered, progress, size), most):
            pass
        return progress.counts, progress.begin


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_size_of_stretches_and_their_order_the_leads_are_the_same(
    an_archive: Archives,
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
    seed: int,
) -> None:
    rng, url = Random(seed), an_archive()  # noqa: S311  # no secret
    task = a_task(url, few)
    counts, _ = run(url, task, Shuffled(rng), size=rng.choice((7, 33, 100, 10_000)))
    assert leads_in(url) == plain(expected)
    assert counts == (240, len(expected), 0)


def test_for_some_rights_it_finds_just_what_it_finds_of_them_for_all(
    an_archive: Archives,
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
) -> None:
    by_kind: dict[str, set[str]] = {}
    for lead in expected.values():
        right = few.rights.get(lead.right)
        by_kind.setdefault(right.kind if right else "rule", set()).add(lead.right)
    assert by_kind.keys() == {*RightKind, "rule"}
    for kind, rights in by_kind.items():
        url = an_archive()
        some = sorted(rights)[:: 1 + len(rights) // 8]
        for asked in (some[:1], some):
            own = {key: lead for key, lead in expected.items() if lead.right in asked}
            counts, _ = run(url, a_task(url, few, *asked), Alone())
            assert counts == (240, len(own), 0), (kind, asked)
        assert leads_in(url) == plain(own)


def test_an_archive_in_elasticsearch_comes_to_the_same(
    an_archive: Archives,
    elastic: str,
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # its progress is noted in var
    with open_store(an_archive()) as old, open_store(elastic) as new:
        for part in (Part.LISTINGS, Part.SIGHTS):
            new.write(part, old.read(part))
    of = {key: lead for key, lead in expected.items() if lead.right == "gi-shanxi-laochencu"}
    counts, _ = run(elastic, a_task(elastic, few, "gi-shanxi-laochencu"), Alone(), size=60)
    assert counts == (240, len(of), 0)
    assert leads_in(elastic) == plain(of)
    counts, _ = run(elastic, a_task(elastic, few), Alone(), size=100)
    assert counts == (240, len(expected), 0)
    assert leads_in(elastic) == plain(expected)


def test_a_new_right_asks_the_engine_about_few_listings(
    an_archive: Archives, few: Registry
) -> None:
    url = an_archive()
    task = a_task(url, few, "gi-shanxi-laochencu")
    with open_store(url) as store:
        (stretch,) = store.listing_stretches(1000)
        batch = list(store.listings_in(stretch))
    asked = work._work(pickle.dumps(task)).asked(batch)
    assert 0 < len(asked) < len(batch) / 4


def test_what_is_no_longer_found_goes_but_for_what_a_person_judged(
    an_archive: Archives, few: Registry, expected: Mapping[str, Lead]
) -> None:
    url = an_archive()
    run(url, a_task(url, few), Alone())
    of = [lead.id for lead in expected.values() if lead.right == "gi-shanxi-laochencu"]
    with open_store(url) as store:
        for lead, state in zip(of, (State.EXCLUDED, State.PENDING), strict=False):
            store.judge(Judgement(lead=lead, state=state, reason="核对", by="甲", at=FOUND))
    none = {key: right for key, right in few.rights.items() if "laochencu" not in key}
    without = few.model_copy(update={"rights": none})
    counts, _ = run(url, a_task(url, without, "gi-shanxi-laochencu"), Alone())
    assert counts == (240, 0, len(of) - 2)
    with open_store(url) as store:
        assert [getattr(store.get(lead), "state", None) for lead in of[:3]] == [
            State.EXCLUDED,
            State.PENDING,
            None,
        ]
        assert store.totals()["leads"] == len(expected) - len(of) + 2


def test_a_listing_of_before_the_right_came_into_force_is_no_lead(
    tmp_path: Path, few: Registry
) -> None:
    url, dawn = f"sqlite:///{tmp_path}/x.db", date(2026, 11, 10)
    rights = {
        "gi-new": few.rights["gi-shanxi-laochencu"].model_copy(
            update={"id": "gi-new", "valid_from": dawn}
        )
    }
    new = few.model_copy(update={"rights": rights, "users": {}})
    with open_store(url) as store:
        for day in (8, 9, 10, 11):
            # 23:59 and 00:00 in China: the day of capture there is what counts.
            at = datetime(2026, 11, day, 16, 0, tzinfo=UTC) - timedelta(minutes=day % 2)
            store.see(Listing(site="m", ref=str(day), title="山西老陈醋 500ml", captured_at=at))
    for rights_asked in ((), ("gi-new",)):
        run(url, a_task(url, new, *rights_asked), Alone())
        with open_store(url) as store:
            found = {s.lead.listing.ref: s.lead.law_day for s in store.find(parse(""))}
        assert found == {"10": date(2026, 11, 11), "11": date(2026, 11, 11)}


def test_a_killed_process_is_replaced_and_its_work_done_again(
    an_archive: Archives,
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
) -> None:
    url = an_archive()
    task, killed = a_task(url, few), 0
    with (
        open_store(url) as store,
        Progress(progress_file(url), task.digest, FOUND, resume=False) as progress,
        Processes(2) as crew,
    ):
        for done, _ in enumerate(rematch(task, store, crew, progress, size=5)):
            if done in (2, 20):
                os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
                killed += 1
    assert killed == 2
    assert leads_in(url) == plain(expected)
    assert progress.counts == (240, len(expected), 0)
    assert multiprocessing.active_children() == []


def test_work_that_kills_every_process_ends_with_a_reason() -> None:
    with Processes(1) as crew, pytest.raises(CrewError, match="反复异常退出"):
        list(crew.each(_deadly, b"", [Stretch("1", "2")]))


def _deadly(_: bytes, __: Stretch) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_interrupted_goes_on_and_comes_to_the_same(
    an_archive: Archives,
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
) -> None:
    url = an_archive()
    task = a_task(url, few)
    first, begin = run(url, task, Alone(), most=2)
    assert (first.seen, begin) == (100, Begin.FRESH)
    with progress_file(url).open("a") as torn:
        torn.write('{"stretch": ["101", "1')
    second, begin = run(url, task, Shuffled(Random(1)), most=1, resume=True)  # noqa: S311
    assert second.seen in (140, 150)
    assert begin is Begin.RESUMED
    last, begin = run(url, task, Alone(), resume=True)
    assert (last, begin) == ((240, len(expected), 0), Begin.RESUMED)
    assert leads_in(url) == plain(expected)
    assert not progress_file(url).exists()


def test_another_config_or_another_question_begins_anew_and_says_so(
    an_archive: Archives, few: Registry, expected: Mapping[str, Lead]
) -> None:
    url = an_archive()
    run(url, a_task(url, few), Alone(), most=1)
    fewer = few.model_copy(update={"users": {}})
    assert run(url, a_task(url, fewer), Alone(), most=1, resume=True)[1] is Begin.CHANGED
    one = a_task(url, few, "brand-anta")
    assert run(url, one, Alone(), most=1, resume=True)[1] is Begin.CHANGED
    assert run(url, one, Alone(), most=1)[1] is Begin.ANEW
    anta = sum(lead.right == "brand-anta" for lead in expected.values())
    assert run(url, one, Alone(), resume=True) == ((240, anta, 0), Begin.RESUMED)
    assert run(url, one, Alone(), resume=True)[1] is Begin.NOTHING


def test_two_at_a_time_are_refused(an_archive: Archives, few: Registry) -> None:
    url = an_archive()
    task = a_task(url, few)
    with (
        Progress(progress_file(url), task.digest, FOUND, resume=False),
        pytest.raises(StoreError, match="另一个重新比对正在进行"),
    ):
        Progress(progress_file(url), task.digest, FOUND, resume=False)


def test_a_worker_of_another_revision_refuses(few: Registry) -> None:
    task = Task("sqlite:///x.db", few, FOUND, revision="older")
    with Processes(1) as crew, pytest.raises(ConfigError, match="程序版本"):
        list(crew.each(work.match, pickle.dumps(task), [Stretch("1", "2")]))


# ---------------------------------------------------------------------------- the command


def command(url: str, *words: str) -> list[str]:
    config = ["--config", str(ROOT / "config"), "--store", url]
    return [sys.executable, "-m", "console.cli", "rematch", *config, *words]


def test_rules_without_a_right_can_be_asked_about(an_archive: Archives) -> None:
    url, rules = an_archive(), ("patent", "tobacco", "mark-claim", "gi-sign")
    words = [word for rule in rules for word in ("--right", rule)]
    done = subprocess.run(
        command(url, *words), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"：[1-9]\d* 条线索", done.stdout)
    with open_store(url) as store:
        assert {standing.lead.right for standing in store.find(parse(""))} <= set(rules)


def test_a_rematch_that_is_killed_outright_loses_nothing(
    archived: Sequence[Listing],
    watched: Registry,
    tmp_path: Path,
    leads_in: Callable[[str], Plain],
) -> None:
    url, other = f"sqlite:///{tmp_path}/killed.db", f"sqlite:///{tmp_path}/whole.db"
    copies = 1 + 2 * SIZE // len(archived)
    for address in (url, other):
        with open_store(address) as store:
            store.write(Part.LISTINGS, _many(archived, copies))
    with subprocess.Popen(command(url, "--workers", "2"), cwd=ROOT) as killed:
        _wait_for_lines(progress_file(url), 2)
        killed.send_signal(signal.SIGKILL)
    assert progress_file(url).exists()
    words = ("--workers", "2", "--resume")
    again = subprocess.run(
        command(url, *words), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert again.returncode == 0, again.stderr
    assert "接着上次没有做完的重新比对" in again.stderr
    counts, _ = run(other, a_task(other, watched), Alone(), size=SIZE)
    assert leads_in(url) == leads_in(other)
    assert f"重新比对 {counts.seen} 条商品" in again.stdout
    assert f"：{counts.found} 条线索，撤下 0 条" in again.stdout


def _many(archived: Iterable[Listing], copies: int) -> Iterator[Entry]:
    """Yield listings again and again, under new numbers, without pictures."""
    for copy in range(copies):
        for listing in archived:
            one = listing.model_copy(update={"ref": f"{listing.ref}-{copy}", "pictures": ()})
            known = Known(listing=one, first_seen=FOUND, last_seen=FOUND)
            yield Entry(listing_id(*one.key), known)


def _wait_for_lines(file: Path, count: int) -> None:
    for _ in range(600):
        if file.exists() and len(file.read_text().splitlines()) >= count:
            return
        time.sleep(0.1)
    raise AssertionError(f"{file} has fewer than {count} lines")
