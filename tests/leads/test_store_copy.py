"""A store copied into another of any kind: nothing lost, nothing twice, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.storing import copy, status
from leads import exclusions
from leads.copying import carry, compare
from leads.model import Judgement, Lead, Listing, State, Verdict, Visit
from leads.query import parse
from leads.sight import Legible, Sight
from leads.store import Entry, Overtaken, Part, Store, open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def decided(lead: Lead, state: State, by: str = "甲") -> Judgement:
    return Judgement(lead=lead.id, state=state, reason="核对", by=by, at=NIGHT)


def excluded(number: int) -> exclusions.Exclusion:
    return exclusions.made(
        exclusions.Scope.LISTING,
        f"taobao {number}",
        code="误识别",
        reason="核对",
        by="甲",
        at=NIGHT + number * DAY,
    )


def fill(store: Store, a_lead: Callable[..., Lead], an_offer: Callable[..., Listing]) -> None:
    """Put in something of every part, with all that can be lost."""
    leads = [a_lead(str(n), listing={"title": f"陈醋 {n}"}) for n in range(30)]
    store.put(leads)
    for n in range(30):
        store.see(an_offer(str(n), pictures=[{"sha256": f"{n:064x}"}]))
    store.see(an_offer("1", title="新标题", captured_at=NIGHT + DAY))
    for day in (1, 2):
        store.missed("taobao", ["2"], NIGHT + day * DAY)
    for state in (State.PENDING, State.EXCLUDED, State.PENDING):
        store.judge(decided(leads[3], state))
    store.judge(decided(leads[4], State.ASSIGNED))
    visit = Visit(
        site="jd", url="https://x.test/", verdict=Verdict.BLOCKED, reason="验证码", at=NIGHT
    )
    for verdict in (visit, visit, visit.model_copy(update={"reason": None})):
        store.visit(verdict)
    for n in range(5):
        store.keep_sight(Sight(sha256=f"{n:064x}", legible=Legible.OK, pdq=f"{n:064x}"))
    for n in (5, 6, 7):
        store.exclude(excluded(n))
    store.exclude(exclusions.lifted(excluded(5), by="丙", reason="有误", at=NIGHT + DAY))


@pytest.fixture
def full(
    tmp_path: Path, a_lead: Callable[..., Lead], an_offer: Callable[..., Listing]
) -> Iterator[Store]:
    """An embedded store with something of everything."""
    with open_store(f"sqlite:///{tmp_path}/full.db") as opened:
        fill(opened, a_lead, an_offer)
        yield opened


def nothing() -> None:
    pass


def test_the_same_visit_told_twice_is_one(full: Store) -> None:
    assert full.totals() == {
        "listings": 30, "sightings": 2, "leads": 30, "judgements": 4, "visits": 2, "sights": 5,
        "exclusions": 3,
    }  # fmt: skip


def test_there_and_back_again_nothing_is_lost(full: Store, store: Store, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/back.db") as back:
        for source, target in ((full, store), (store, back)):
            for part in Part:
                carry(source, target, part, nothing)
            compared = [compare(source, target, part) for part in Part]
            assert all(one.whole for one in compared)
            assert sum(one.same for one in compared) == 76
        for part in Part:
            assert list(back.read(part)) == list(full.read(part))
        assert back.known("taobao", "2") == full.known("taobao", "2")
        assert list(back.sightings()) == list(full.sightings())
        assert list(back.exclusions()) == list(full.exclusions())
        assert back.appearances("0" * 64, 31) == full.appearances("0" * 64, 31)
        for text in ("状态:待研判", "标题:陈醋", "状态:已交办 城市:140100"):
            query = parse(text)
            assert list(back.find(query)) == list(full.find(query)) == list(store.find(query))


def test_what_is_read_goes_on_after_a_key(full: Store, store: Store) -> None:
    for part in Part:
        carry(full, store, part, nothing)
        keys = [entry.key for entry in store.read(part)]
        assert keys == sorted(set(keys))
        assert [entry.key for entry in store.read(part, keys[1])] == keys[2:]


def test_a_copy_broken_off_goes_on_and_a_whole_one_writes_nothing(
    full: Store, store: Store
) -> None:
    store.write(Part.LEADS, islice(full.read(Part.LEADS), 7))
    assert len(compare(full, store, Part.LEADS).missing) == 23
    seen: list[int] = []
    for _ in range(2):
        carry(full, store, Part.LEADS, lambda: seen.append(1))
        assert compare(full, store, Part.LEADS).whole
    assert len(seen) == 60
    assert store.totals()["leads"] == 30


def test_what_only_the_target_has_stays(
    full: Store, store: Store, a_lead: Callable[..., Lead]
) -> None:
    own = a_lead("own")
    store.put([own])
    store.judge(decided(own, State.EXCLUDED))
    for part in Part:
        carry(full, store, part, nothing)
    assert store.totals()["leads"] == 31
    kept = store.get(own.id)
    assert kept is not None
    assert kept.state is State.EXCLUDED
    assert all(compare(full, store, part).whole for part in Part)


def test_a_copied_lead_replaces_the_one_there_but_keeps_its_judgement(
    full: Store, store: Store, a_lead: Callable[..., Lead]
) -> None:
    there = a_lead("9", score=0.1)
    store.put([there])
    store.judge(decided(there, State.EXCLUDED))
    carry(full, store, Part.LEADS, nothing)
    kept = store.get(there.id)
    assert kept is not None
    assert (kept.lead.score, kept.state) == (0.9, State.EXCLUDED)


def test_no_judgement_takes_the_place_of_another(
    full: Store, store: Store, a_lead: Callable[..., Lead]
) -> None:
    carry(full, store, Part.LEADS, nothing)
    theirs = decided(a_lead("4"), State.EXCLUDED, by="乙")
    store.judge(theirs)
    with pytest.raises(Overtaken, match="已有另一条人工结论"):
        store.write(Part.JUDGEMENTS, full.read(Part.JUDGEMENTS))
    carry(full, store, Part.JUDGEMENTS, nothing)
    assert store.judgements(theirs.lead) == [theirs]
    compared = compare(full, store, Part.JUDGEMENTS)
    assert (compared.same, compared.different) == (3, [f"{theirs.lead}.0000"])
    assert not compared.whole


def test_a_copy_never_brings_back_into_force_what_was_lifted(full: Store, store: Store) -> None:
    carry(full, store, Part.EXCLUSIONS, nothing)
    lifted = exclusions.lifted(excluded(6), by="丙", reason="有误", at=NIGHT + 9 * DAY)
    store.exclude(lifted)
    carry(full, store, Part.EXCLUSIONS, nothing)
    assert lifted in store.exclusions()
    assert compare(full, store, Part.EXCLUSIONS).different == [lifted.id]


def test_a_judgement_on_a_lead_that_is_not_there_is_refused(full: Store, store: Store) -> None:
    with pytest.raises(KeyError):
        store.write(Part.JUDGEMENTS, full.read(Part.JUDGEMENTS))
    assert store.totals()["judgements"] == 0


def test_writing_the_same_entries_again_changes_nothing(full: Store, store: Store) -> None:
    for part in Part:
        entries: list[Entry] = list(full.read(part))
        for _ in range(2):
            store.write(part, entries)
        assert list(store.read(part)) == entries
    assert store.totals() == full.totals()


# ---------------------------------------------------------------------------- the command


def test_the_command_copies_and_says_what_agrees(full: Store, url: str, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path}/full.db"
    for _ in range(2):
        done = CliRunner().invoke(copy, [source, url], standalone_mode=False)
        assert done.return_value == 0, done.output
        assert "线索：30 条，一致" in done.stdout
        assert "人工结论：4 条，一致" in done.stdout
    shown = CliRunner().invoke(status, ["--store", url])
    assert "商品：30\n商品变动：2\n线索：30\n" in shown.stdout
    assert "线索状态：新发现 28、" in shown.stdout


def test_the_command_tells_what_differs_and_exits_with_one(
    full: Store, url: str, tmp_path: Path, a_lead: Callable[..., Lead]
) -> None:
    lead = a_lead("4")
    with open_store(url) as store:
        store.put([lead])
        store.judge(decided(lead, State.EXCLUDED, by="乙"))
    done = CliRunner().invoke(copy, [f"sqlite:///{tmp_path}/full.db", url], standalone_mode=False)
    assert done.return_value == 1
    assert f"3 条一致，缺 0 条，不同 1 条：{lead.id}.0000；目标库" in done.stderr
    assert "图片识别：5 条，一致" in done.stdout
