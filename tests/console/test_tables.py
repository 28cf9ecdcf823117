"""What leaves as a spreadsheet computes nothing, and a hostile title stays a title."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.tables import FORMATS, inert, write
from leads.model import Finding, Hit, Lead, Listing, Seller, State, Triage
from leads.store import Standing

HOSTILE = [
    "=1+1",
    "＝SUM(A1:A2)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "|calc",
    "\u202egpj.exe",
    "a\x00b\x1b[31m",
    "标题" * 200,
]


def standing(title: str) -> Standing:
    listing = Listing(
        site="jd", ref="1", title=title, seller=Seller(name=title),
        captured_at=datetime(2026, 11, 21, 17, 30, tzinfo=UTC),
    )  # fmt: skip
    hit = Hit(
        right="r", name="东湖", finding=Finding.BRAND_IDENTICAL, matcher="names",
        score=0.9, reason="疑似",
    )  # fmt: skip
    return Standing(
        Lead(
            id="L0", right="r", right_name="东湖", listing=listing, triage=Triage.LEAD, score=0.9,
            hits=(hit,), law_day=date(2026, 11, 22), found_at=datetime(2026, 11, 22, tzinfo=UTC),
        ),
        State.NEW,
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_titles_pass_through_every_format(form: str, tmp_path: Path) -> None:
    write(map(standing, HOSTILE), form, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size


def test_a_workbook_holds_text_only(tmp_path: Path) -> None:
    write(map(standing, HOSTILE), "xlsx", tmp_path / "leads.xlsx")
    cells = [cell for row in load_workbook(tmp_path / "leads.xlsx").active for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_no_csv_cell_starts_a_formula(tmp_path: Path) -> None:
    write(map(standing, HOSTILE), "csv", tmp_path / "leads.csv")
    with (tmp_path / "leads.csv").open(encoding="utf-8-sig", newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@|＝＋－＠")]


def test_ordinary_text_is_left_alone() -> None:
    assert inert("山西老陈醋 500ml") == "山西老陈醋 500ml"


def test_the_table_shows_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    write(map(standing, HOSTILE), "table", None)
    shown = capsys.readouterr().out
    assert not set("\x00\x1b\u202e\t") & set(shown)


@pytest.mark.parametrize("columns", [1, 80, 200])
def test_the_table_keeps_to_the_terminal_and_never_loses_the_title(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    write([standing("陈醋" * 100_000)], "table", None)
    _, row = capsys.readouterr().out.splitlines()
    assert "陈醋陈醋" in row[-12:]
    assert sum(2 if char > "\xff" and char != "…" else 1 for char in row) <= max(columns, 130)


def test_the_time_of_capture_is_told_in_beijing_time(tmp_path: Path) -> None:
    write([standing("陈醋")], "csv", tmp_path / "leads.csv")
    with (tmp_path / "leads.csv").open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["采集时间"] == "2026-11-22 01:30:00"
