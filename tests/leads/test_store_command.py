"""``markwatch leads`` as it is typed, over each back end: tables, files and counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from console.leads import leads
from leads.model import Judgement, Lead, State, Triage
from leads.store import StoreError, open_store

ASKED = '标题:"老陈醋" AND 城市:太原 AND NOT 状态:排除'
FORMULA = "=HYPERLINK(1)老陈醋"


@pytest.fixture
def asked(url: str, a_lead: Callable[..., Lead]) -> Callable[..., Result]:
    """``asked(*words)``: what the command says over a store of five leads."""
    found = [
        a_lead("1", listing={"title": FORMULA}, score=0.9),
        a_lead("2", listing={"title": "\t+正宗老陳醋"}, score=0.8, triage=Triage.REVIEW),
        a_lead("3", listing={"title": "山西老陈醋"}),
        a_lead("4", listing={"title": "老陈醋"}, bureau="140700"),
        a_lead("5", listing={"title": "陈年老醋"}),
    ]
    with open_store(url) as store:
        store.put(found)
        store.judge(
            Judgement(
                lead=found[2].id,
                state=State.EXCLUDED,
                reason="授权使用",
                by="甲",
                at=found[2].found_at,
            )
        )

    def ask(*words: str) -> Result:
        done = CliRunner().invoke(leads, [*words, "--store", url], standalone_mode=False)
        assert done.exception is None, done.exception
        return done

    return ask


def test_what_was_asked_comes_as_csv_and_formulas_stay_text(asked: Callable[..., Result]) -> None:
    rows = list(csv.DictReader(StringIO(asked(ASKED, "--format", "csv").stdout)))
    assert [row["标题"] for row in rows] == [f"'{FORMULA}", "'+正宗老陳醋"]
    assert [row["状态"] for row in rows] == ["新发现"] * 2


def test_a_workbook_holds_text_only(asked: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "线索.xlsx"
    asked(ASKED, "--format", "xlsx", "-o", str(file))
    sheet = load_workbook(file).worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert FORMULA in {cell.value for cell in cells}


def test_lines_of_json_are_the_records(asked: Callable[..., Result]) -> None:
    lines = asked(ASKED, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["listing"]["ref"] for line in lines] == ["1", "2"]


def test_order_and_number_are_as_asked(asked: Callable[..., Result]) -> None:
    done = asked("标题:老陈醋", "--limit", "1")
    assert FORMULA in done.stdout or "老陈醋" in done.stdout
    assert done.stderr == "共 4 条，列出 1 条\n"
    table = asked(ASKED, "--sort", "最新发现")
    assert table.stdout.count("新发现") == 2
    assert table.stderr == "共 2 条\n"


def test_counts_come_with_names(asked: Callable[..., Result]) -> None:
    done = asked("标题:老陈醋", "--facets")
    assert done.stderr == "共 4 条\n"
    for told in ("新发现", "太原市（140100）", "使用地理标志名称（gi.name）", "优先核查（lead）"):
        assert told in done.stdout
    assert "约" not in done.stdout


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "some" / "typo.db"
    done = CliRunner().invoke(leads, ["--store", f"sqlite:///{missing}"])
    assert isinstance(done.exception, StoreError)
    assert "没有这个文件" in str(done.exception)
    assert not missing.parent.exists()
