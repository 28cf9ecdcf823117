"""Exclusions by the commands: made by two, held to by every rematch, lifted, looked at again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.cli import cli
from leads import registry
from leads.excluding import sampled
from leads.model import DefenceCode, Judgement, Lead, Listing, State, Triage
from leads.query import All
from leads.store import Store, open_store
from leads.triage import law_day
from matchers.engine import Engine

VINEGAR = "gi-shanxi-laochencu"
NOW = datetime.now(UTC)
UNTIL = str(law_day(NOW) + timedelta(days=90))
BY_TWO = ("--by", "张三", "--second", "李四", "--until", UNTIL)
LICENSED = ("--code", "授权使用", "--reason", "授权经销商")
Run = Callable[..., Result]


def offer(ref: str, seller: str = "9", title: str = "山西老陈醋 500ml") -> Listing:
    return Listing.model_validate(
        {
            "site": "practice-market",
            "ref": ref,
            "title": title,
            "captured_at": NOW,
            "seller": {"ref": seller, "name": f"某店{seller}"},
        }
    )


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(registry.load())


@pytest.fixture
def store(tmp_path: Path, engine: Engine) -> Iterator[Store]:
    """Three leads on vinegar: two of seller 9, the second of them judged; one of seller 7."""
    with open_store(f"sqlite:///{tmp_path}/leads.db") as opened:
        for listing in (offer("1"), offer("2"), offer("3", "7")):
            opened.see(listing)
            opened.put(engine.leads(listing, NOW))
        opened.judge(judged(lead_of(opened, "2")))
        yield opened


def judged(lead: Lead) -> Judgement:
    return Judgement(lead=lead.id, state=State.PENDING, reason="待查", by="王五", at=NOW)


def leads_of(store: Store) -> dict[str, Lead]:
    found = {one.lead.listing.ref or "": one.lead for one in store.find(All())}
    assert {lead.right for lead in found.values()} <= {VINEGAR}
    return found


def lead_of(store: Store, ref: str) -> Lead:
    return leads_of(store)[ref]


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    """``run(*words, code=0)``: a command on the store."""

    def invoke(*words: str, code: int = 0) -> Result:
        done = CliRunner().invoke(cli, [*words, "--store", f"sqlite:///{tmp_path}/leads.db"])
        assert done.exit_code == code, done.output
        return done

    return invoke


def test_excluded_leads_go_by_a_rematch_and_come_back_when_it_is_lifted(
    run: Run, store: Store
) -> None:
    before = leads_of(store)
    told = run("exclude", "--seller", before["1"].id, *LICENSED, *BY_TWO).stdout
    (made,) = store.exclusions()
    assert f"已记录 {made.id}：店铺 practice-market:9（{VINEGAR}）的命中不再列为线索" in told
    assert leads_of(store) == before
    run("rematch", "--workers", "1")
    assert leads_of(store).keys() == {"2", "3"}
    run("exclusions", "lift", made.id, "--reason", "授权终止", "--by", "王五")
    run("rematch", "--workers", "1")
    assert leads_of(store).keys() == {"1", "2", "3"}


def test_what_a_person_judged_is_neither_dropped_nor_changed_by_an_exclusion(
    run: Run, store: Store
) -> None:
    lead = lead_of(store, "2")
    for asked in (
        ("--listing", lead.id, "--code", "误识别", "--reason", "看错", "--by", "张三"),
        ("--seller", lead.id, *LICENSED, *BY_TWO),
        ("--rule", "names", "--reason", "复核", *BY_TWO),
    ):
        run("exclude", *asked)
    run("rematch", "--workers", "1")
    kept = store.get(lead.id)
    assert kept is not None
    assert kept == (lead, State.PENDING)
    assert list(store.judgements(lead.id)) == [judged(lead)]


def test_a_rule_is_only_ever_lowered_to_review(run: Run, store: Store) -> None:
    was = lead_of(store, "3")
    run("exclude", "--rule", "names", "--reason", "近期误报多", *BY_TWO)
    run("rematch", "--workers", "1")
    now = lead_of(store, "3")
    assert (was.triage, now.triage) == (was.triage, Triage.REVIEW)
    assert now.hits[0].defences[-1].code is DefenceCode.QUARANTINED
    assert "近期误报多；张三、李四于" in now.hits[0].defences[-1].detail


REFUSED = [
    ((), "请写明一个对象"),
    (("--seller", "x:1", "--phrase", "y"), "请写明一个对象"),
    (("--seller", "L000000000000", *LICENSED, *BY_TWO), "没有线索 L000000000000"),
    (("--seller", "x:1", "--by", "张三"), "请用 --code 写明原因码"),
    (("--seller", "x:1", *LICENSED, *BY_TWO), "须写明针对哪一项权利"),
    (("--listing", "x 1", *LICENSED, "--right", "gi-nowhere"), "没有权利 'gi-nowhere'"),
    (("--picture", "照片.jpg", *LICENSED, *BY_TWO), "SHA-256"),
    (("--phrase", "山西老陈醋", "--right", VINEGAR, "--code", "误识别", *BY_TWO), "等于不再监测"),
    (("--phrase", "老陈醋画册", "--right", VINEGAR, "--code", "误识别"), "须两人决定"),
    (("--phrase", "老陈醋画册", "--matcher", "names", "--code", "误识别", *BY_TWO[:4]), "有效期"),
    (("--listing", "x 1", "--code", "误识别", "--until", "2020-01-01"), "早于决定之日"),
    (("--rule", "nothing", *BY_TWO), "没有匹配规则 'nothing'"),
    (("--rule", "names", "--by", "Markwatch", "--until", UNTIL), "决定人须是执法人员"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "told"), REFUSED)
def test_what_may_not_be_excluded_is_refused_with_the_reason(
    run: Run, store: Store, asked: tuple[str, ...], told: str
) -> None:
    assert told in run("exclude", "--reason", "r", "--by", "张三", *asked, code=2).output
    assert list(store.exclusions()) == []


def test_they_are_listed_and_those_that_end_soon_by_themselves(run: Run, store: Store) -> None:
    soon = str(law_day(NOW) + timedelta(days=9))
    run("exclude", "--listing", "x 1", "--code", "误识别", "--reason", "=A1\n是", "--by", "张三")
    phrase = ("--phrase", "老陈醋画册", "--right", VINEGAR, "--code", "误识别", "--reason", "书")
    run("exclude", *phrase, "--by", "张三", "--second", "李四", "--until", soon)
    first, second = store.exclusions()
    assert first.until is None
    run("exclusions", "lift", first.id, "--reason", "有误", "--by", "王五")
    table = run("exclusions").stdout
    assert second.id in table
    assert first.id not in table
    assert "张三、李四" in table
    every = run("exclusions", "--all").stdout
    assert len(every.splitlines()) == 3
    assert "已解除" in every
    ending = run("exclusions", "--expiring", "30", "--format", "jsonl").stdout
    assert [json.loads(line)["id"] for line in ending.splitlines()] == [second.id]
    assert run("exclusions", "--expiring", "8").stdout == ""
    again = ("exclusions", "lift", first.id, "--reason", "有误", "--by", "王五")
    assert "已由王五解除" in run(*again, code=2).output
    nobody = ("exclusions", "lift", "X000000000000", "--reason", "有误", "--by", "王五")
    assert "没有排除决定" in run(*nobody, code=2).output


def test_the_sample_shows_excluded_leads_and_listings_that_were_kept_back(
    run: Run, store: Store, engine: Engine
) -> None:
    today = law_day(NOW)
    drawn = [one for n in range(200) if sampled(one := offer(f"s{n}"), today)]
    other = next(one for n in range(200) if not sampled(one := offer(f"s{n}"), today))
    mine, hidden = drawn[:2]
    for listing in (mine, hidden, other):
        store.see(listing)
    store.put(engine.leads(mine, NOW))
    lead = lead_of(store, mine.ref or "")
    excluded = judged(lead).model_copy(update={"state": State.EXCLUDED, "code": "误识别"})
    store.judge(excluded)
    assert [line.split()[0] for line in run("exclusions", "sample").stdout.splitlines()] == [
        lead.id
    ]
    run("exclude", "--listing", f"practice-market {hidden.ref}", *LICENSED, "--by", "张三")
    lines = run("exclusions", "sample").stdout.splitlines()
    assert len(lines) == 2
    assert "王五排除：误识别，待查" in lines[0]
    assert f"practice-market {hidden.ref}" in lines[1]
