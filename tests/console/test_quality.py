"""The precision of matchers on the command line, for people and for scripts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli import cli
from leads.model import Finding, Hit, Judgement, Lead, Listing, State, Triage, lead_id
from leads.store import open_store

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
RIGHT = "gi-shanxi-laochencu"


def lead(ref: str) -> Lead:
    hit = Hit(
        right=RIGHT,
        name="山西老陈醋",
        finding=Finding.GI_NAME,
        matcher="names",
        score=0.9,
        reason="疑似使用地理标志名称",
    )
    return Lead(
        id=lead_id("jd", ref, RIGHT),
        right=RIGHT,
        right_name="山西老陈醋",
        listing=Listing(site="jd", ref=ref, title="醋"),
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        law_day=date(2026, 11, 22),
        found_at=NIGHT,
    )


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Four judged leads of one matcher: three upheld, one refuted."""
    url = f"sqlite:///{tmp_path}/leads.db"
    with open_store(url) as opened:
        for number, state in enumerate([State.ASSIGNED] * 3 + [State.EXCLUDED]):
            opened.put([lead(str(number))])
            judged = lead(str(number)).id
            opened.judge(Judgement(lead=judged, state=state, reason="核对", by="甲", at=NIGHT))
    return url


def test_the_table_names_each_matcher_with_share_and_interval(store: str) -> None:
    done = CliRunner().invoke(cli, ["quality", "--store", store])
    assert done.exit_code == 0, done.output
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("名称相同（names）")]
    assert line.split() == ["名称相同（names）", "全部", "3", "1", "75%", "30%–95%"]
    assert "尚无结论" in done.stdout


def test_scripts_get_each_rule_as_a_record(store: str) -> None:
    asked = ["quality", "--rights", "--format", "jsonl", "--store", store]
    done = CliRunner().invoke(cli, asked)
    (record,) = map(json.loads, done.stdout.splitlines())
    assert record["interval"] == pytest.approx([0.3006, 0.9544], abs=1e-4)
    del record["interval"]
    assert record == {
        "matcher": "names", "right": RIGHT, "upheld": 3, "refuted": 1, "share": 0.75,
    }  # fmt: skip
