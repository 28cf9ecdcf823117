"""Lists come in by two people, cell by cell checked, and never half; they go out and come back."""

from __future__ import annotations

import logging
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from console.archive.annual import doubted
from console.archive.sheets import MOST_COLUMNS, MOST_ROWS
from console.archive.written import right_toml, users_csv
from console.cli import main
from evidence.custody import Custody
from leads.model import (
    Area,
    Finding,
    Hit,
    Judgement,
    Lead,
    Listing,
    Mark,
    Picture,
    Right,
    RightKind,
    Seller,
    State,
    Triage,
    lead_id,
)
from leads.registry import load
from leads.sight import Legible, MatchKind, PictureMatch, Sight
from leads.store import open_store

ROOT = Path(__file__).parents[2]
VINEGAR = "gi-shanxi-laochencu"
TEA = "gi-puercha"
GOOD = "91140100MA0000001"
BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))

Run = Callable[..., tuple[int, str, str]]


def code(first: str = GOOD) -> str:
    """A credit code whose check digit holds (GB 32100-2015)."""
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(digits.index(char) * 3**place for place, char in enumerate(first))
    return first + digits[-total % 31]


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped config, but with two rights only and nothing that needs others; to be copied."""
    folder = tmp_path_factory.mktemp("few") / "config"
    shutil.copytree(ROOT / "config", folder)
    for path in (*folder.glob("rights/*"), *folder.glob("users/*")):
        if path.stem not in (VINEGAR, TEA):
            path.unlink()
    shutil.rmtree(folder / "campaigns")
    (folder / "campaigns").mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path, few: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(few, tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped config."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    loggers = [logging.getLogger(), logging.getLogger("markwatch")]
    before = [logger.handlers[:] for logger in loggers]

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["markwatch", "registry", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    yield run
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers


def sheet(*rows: tuple[object, ...], name: str = "list.xlsx") -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(name)
    return Path(name)


def everything(folder: Path) -> dict[str, bytes]:
    files = (folder / "config").rglob("*")
    return {str(path): path.read_bytes() for path in files if path.is_file()}


BOTH = ("--by", "张三", "--second", "李四")


# ---------------------------------------------------------------------------- what comes in


def test_a_new_user_is_written_by_two_people_and_the_log_tells_before_and_after(
    folder: Path, run: Run
) -> None:
    sheet(("企业名称", "统一社会信用代码", "核准日期"), ("某某醋业有限公司", code(), "2026/3/1"))
    exit_code, out, err = run("import", "list.xlsx", "--right", VINEGAR, *BOTH)
    assert (exit_code, err) == (0, "")
    assert "新增授权使用人 某某醋业有限公司" in out
    (added,) = [u for u in load("config").users[VINEGAR] if u.company == "某某醋业有限公司"]
    assert (added.uscc, str(added.valid_from)) == (code(), "2026-03-01")
    log = Custody(folder / "var/console")
    log.check()
    (line,) = log.lines(log.days()[0])
    assert line.record is not None
    assert (line.record["proposer"], line.record["by"]) == ("张三", "李四")
    ((changed,),) = (line.record["files"],)
    assert changed["before"] != changed["after"]
    for digest in (changed["before"], changed["after"]):
        assert (folder / "var/console/versions" / digest).is_file()


def test_what_the_list_has_besides_stays_unless_it_is_to_be_the_whole_list(
    folder: Path, run: Run
) -> None:
    kept = len(load("config").users[VINEGAR])
    sheet(("企业名称",), ("某某醋业有限公司",))
    assert run("import", "list.xlsx", "--right", VINEGAR, *BOTH)[0] == 0
    assert len(load("config").users[VINEGAR]) == kept + 1
    _, out, _ = run("import", "list.xlsx", "--right", VINEGAR, "--whole", *BOTH)
    assert out.count("删除授权使用人") == kept
    assert len(load("config").users[VINEGAR]) == 1


def test_a_user_whose_term_ends_is_told_as_ended_and_other_columns_stay(
    folder: Path, run: Run
) -> None:
    before = load("config").users[VINEGAR][0]
    sheet(("使用人", "有效期止"), (before.company, datetime(2026, 6, 30)))
    _, out, _ = run("import", "list.xlsx", "--right", VINEGAR, *BOTH)
    assert f"终止授权使用人 {before.company}（有效期止：空 → 2026-06-30）" in out
    after = load("config").users[VINEGAR][0]
    assert after == before.model_copy(update={"valid_to": after.valid_to})


def test_a_dry_run_and_one_without_two_names_write_nothing(folder: Path, run: Run) -> None:
    before = everything(folder)
    sheet(("企业名称",), ("某某醋业有限公司",))
    assert run("import", "list.xlsx", "--right", VINEGAR, "--dry-run")[0] == 0
    for names in ((), ("--by", "张三"), ("--by", "张三", "--second", "张 三")):
        exit_code, _, err = run("import", "list.xlsx", "--right", VINEGAR, *names)
        assert exit_code == 2
        assert "两人不能相同" in err
    assert everything(folder) == before
    assert not (folder / "var").exists()


def test_a_new_right_with_its_marks_and_users_comes_in_one_workbook(folder: Path, run: Run) -> None:
    book = Workbook()
    book.active.title = "权利"
    rights, marks, users = book.active, book.create_sheet("注册"), book.create_sheet("使用人")
    rights.append(("代号", "种类", "名称", "保护范围", "商品类别"))
    rights.append(("gi-shiyong", "地理标志", "试用红枣", "吕梁市柳林县(141125)；吕梁市", "29；31"))
    marks.append(("权利名称", "商标文字", "注册号", "商品类别", "有效期止"))
    marks.append(("试用红枣", '试用"红枣\\', 12345678, 31, "2030年1月2日"))
    users.append(("地理标志", "企业名称", "统一社会信用代码"))
    users.append(("试用红枣", "试用枣业（集团）有限公司", code().lower()))
    book.save("list.xlsx")
    exit_code, out, err = run("import", "list.xlsx", *BOTH)
    assert (exit_code, err) == (0, ""), out
    watched = load("config")
    right = watched.rights["gi-shiyong"]
    assert [(area.name, area.code) for area in right.area] == [
        ("吕梁市柳林县", "141125"), ("吕梁市", None),
    ]  # fmt: skip
    assert right.classes == (29, 31)
    assert (right.marks[0].text, right.marks[0].number) == ('试用"红枣\\', "12345678")
    assert watched.users["gi-shiyong"][0].uscc == code()


def test_what_is_exported_and_imported_again_changes_nothing(whole: Path, run: Run) -> None:
    before = everything(whole)
    assert run("export", "-o", "all.xlsx")[0] == 0
    exit_code, out, err = run("import", "all.xlsx", "--whole", *BOTH)
    assert (exit_code, out.strip(), err) == (0, "没有更改", "")
    assert everything(whole) == before


def test_a_right_that_was_written_reads_as_it_was_said(whole: Path) -> None:
    """All fields of all shipped rights survive being written by us."""
    said = load("config")
    for right in said.rights.values():
        (whole / f"config/rights/{right.id}.toml").write_bytes(right_toml(right))
    for id, users in said.users.items():
        (whole / f"config/users/{id}.csv").write_bytes(users_csv(users))
    assert load("config") == said


ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(ANY, st.lists(ANY, max_size=3), ANY)
def test_whatever_a_right_is_called_it_is_written_as_toml_that_says_the_same(
    name: str, aliases: list[str], note: str
) -> None:
    right = Right(
        id="x", kind=RightKind.GI, name=name, aliases=tuple(aliases), note=note, classes=(1, 45),
        area=(Area(name=name), Area(name=note, code="140100")), valid_to=date(2030, 1, 2),
        marks=(Mark(text=name, number=note, classes=(30,), valid_from=date(2020, 1, 2)),),
    )  # fmt: skip
    assert Right.model_validate({"id": "x", **tomllib.loads(right_toml(right).decode())}) == right


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_every_encoding_that_offices_write(
    folder: Path, run: Run, encoding: str
) -> None:
    text = f"名单,\n企业名称,信用代码,序号\n某某醋业有限公司,{code()},1\n"
    (folder / "list.csv").write_text(text, encoding=encoding)
    exit_code, out, _ = run("import", "list.csv", "--right", VINEGAR, "--dry-run")
    assert exit_code == 0
    assert "新增授权使用人 某某醋业有限公司" in out
    assert "未读取的列：序号" in out


# ---------------------------------------------------------------------------- what is wrong


HEAD = ("权利代号", "企业名称", "统一社会信用代码", "有效期起", "有效期止")
WRONG = {
    "check digit": ((TEA, "甲公司", code()[:-1] + "0", "", ""), "第 2 行：C 列", "校验位不符"),
    "too short": ((TEA, "甲公司", "9114", "", ""), "第 2 行：C 列", "应为 18 位，这里是 4 位"),
    "no date": ((TEA, "甲公司", "", "去年", ""), "第 2 行：D 列", "不是日期"),
    "day that is none": ((TEA, "甲公司", "", "2026-02-30", ""), "第 2 行：D 列", "不是日期"),
    "year": ((TEA, "甲公司", "", "0026-02-03", ""), "第 2 行：D 列", "年份"),
    "ends before": ((TEA, "甲公司", "", "2026-2-3", "2025-2-3"), "第 2 行", "早于"),
    "right": (("gi-nosuch", "甲公司", "", "", ""), "第 2 行", "没有权利 gi-nosuch"),
    "path": (("../../x", "甲公司", "", "", ""), "第 2 行：A 列", "代号只能用"),
    "no right": (("", "甲公司", "", "", ""), "第 2 行", "没有写明是哪一项权利"),
    "no company": ((TEA, "", code(), "", ""), "第 2 行：B 列", "不能为空"),
    "formula": ((TEA, '=HYPERLINK("http://evil.example")', "", "", ""), "B 列", "是公式"),
    "bidi": ((TEA, "甲\u202e公司", "", "", ""), "第 2 行：B 列", "⟨U+202E⟩"),
    "zero width": ((TEA, "甲\u200b公司", "", "", ""), "第 2 行：B 列", "⟨U+200B⟩"),
    "long": ((TEA, "甲" * 3000, "", "", ""), "第 2 行：B 列", "3000 个字符"),
    "beyond": ((TEA, "甲公司", "", "", "", "又一格"), "第 2 行", "表头各列之外"),
}


@pytest.mark.parametrize("row, place, reason", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(
    folder: Path, run: Run, row: tuple[str, ...], place: str, reason: str
) -> None:
    before = everything(folder)
    sheet(HEAD, row, (TEA, "乙公司", "", "", ""))
    exit_code, _, err = run("import", "list.xlsx", *BOTH)
    assert exit_code == 1
    assert any(place in line and reason in line for line in err.splitlines()), err
    assert everything(folder) == before


def test_all_faults_are_told_at_once_also_rows_that_come_twice(folder: Path, run: Run) -> None:
    sheet(HEAD, (TEA, "甲公司", code(), "", ""), (TEA, "甲 公司", "", "x", ""), (TEA, "丙", code()))
    _, _, err = run("import", "list.xlsx", *BOTH)
    assert "第 3 行：D 列" in err
    assert err.count("与第 2 行重复") == 2


def test_merged_cells_and_hidden_sheets_are_told(folder: Path, run: Run) -> None:
    book = Workbook()
    book.active.append(("名单（2026）",))
    book.active.append(HEAD)
    for name in ("甲公司", "乙公司"):
        book.active.append((TEA, name))
    book.active.merge_cells("A1:E1")  # a title may be
    book.active.merge_cells("A3:A4")
    book.create_sheet("暗").sheet_state = "hidden"
    book.save("list.xlsx")
    _, _, err = run("import", "list.xlsx", *BOTH)
    assert "第 4 行：A 列：是合并的单元格" in err
    assert "暗：是隐藏的工作表" in err
    assert err.count("合并的单元格") == 1


@pytest.mark.parametrize(
    "made",
    ["zip bomb", "wide csv", "wide xlsx", "long", "doctype", "fifty", "far row", "far column",
     "many tags", "damaged", "xls", "garbage", "empty", "prose"],
)  # fmt: skip
def test_files_that_are_no_list_or_made_to_exhaust_are_refused(
    folder: Path, run: Run, made: str
) -> None:
    file, before = folder / "list.xlsx", everything(folder)
    if made == "zip bomb":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"<a/>" * (64 << 20 >> 2))
    elif made == "wide csv":
        file = folder / "list.csv"
        file.write_text("企业名称" + "," * 1_000_000 + "\n甲公司\n", encoding="utf-8")
    elif made == "wide xlsx":
        sheet(("企业名称", *("x" for _ in range(MOST_COLUMNS))), ("甲公司",))
    elif made == "long":
        file = folder / "list.csv"
        file.write_text("企业名称\n" + "甲公司\n" * (MOST_ROWS + 1), encoding="utf-8")
    elif made in CELLS:
        sheet(("企业名称",), ("甲公司",))
        _insert(file, *CELLS[made])
    elif made == "fifty":
        file = folder / "list.csv"
        file.write_bytes(b"x" * (50 << 20))
    else:
        file.write_bytes({"damaged": b"PK\x03\x04" + b"x" * 99, "xls": b"\xd0\xcf\x11\xe0" * 9,
                          "garbage": b"\xff\x81\x00" * 99, "empty": b" \n",
                          "prose": "只是一句话".encode()}[made])  # fmt: skip
    exit_code, _, err = run("import", file.name, "--right", TEA, *BOTH)
    assert exit_code == 2
    assert file.name in err
    assert everything(folder) == before


CELLS = {
    "doctype": (b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
    "far row": (b"</sheetData>", b'<row r="1000000000"><c r="A1000000000"/></row></sheetData>'),
    "far column": (b"</sheetData>", b'<row r="3"><c r="XFD3"/></row></sheetData>'),
    "many tags": (b"</sheetData>", b"<a/>" * 600_000 + b"</sheetData>"),
}


def _insert(file: Path, place: bytes, what: bytes) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(place, what, 1)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)


def test_a_file_with_somebodys_comments_is_never_rewritten(folder: Path, run: Run) -> None:
    path = folder / f"config/rights/{TEA}.toml"
    path.write_text("# 核对中\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = everything(folder)
    sheet(("代号", "种类", "名称", "权利人"), (TEA, "地理标志", "普洱茶", "某协会"))
    exit_code, _, err = run("import", "list.xlsx", *BOTH)
    assert exit_code == 1
    assert "写有注释" in err
    assert everything(folder) == before


def test_what_the_registry_would_not_accept_is_not_written(folder: Path, run: Run) -> None:
    before = everything(folder)
    sheet(("代号", "种类", "名称", "市局代码"), ("gi-x", "地理标志", "某茶", "999999"))
    exit_code, _, err = run("import", "list.xlsx", *BOTH)
    assert exit_code == 1
    assert "没有 bureaus/999999.toml" in err
    assert everything(folder) == before


# ---------------------------------------------------------------------------- what goes out


def test_an_export_holds_text_only_and_one_right_if_asked(folder: Path, run: Run) -> None:
    sheet(("企业名称",), ("某'+公司",))
    run("import", "list.xlsx", "--right", TEA, *BOTH)
    assert run("export", "--right", TEA, "-o", "one.xlsx")[0] == 0
    book = load_workbook("one.xlsx")
    assert book.sheetnames == ["权利", "注册", "授权使用人"]
    assert book["权利"].max_row == 2
    cells = [cell for ws in book for row in ws for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert run("export", "--right", "nosuch", "-o", "x.xlsx")[0] == 2


def seal(kind: MatchKind, digest: str) -> Sight:
    match = PictureMatch(
        kind=kind, right="gi-sign", source="x", score=0.9, reason="疑似", box=(0, 0, 9, 9),
        quad=BOX, source_quad=BOX, share=1, scale=1, inliers=9, certain=True,
    )  # fmt: skip
    return Sight(sha256=digest, legible=Legible.OK, matches=(match,), read=True)


def test_the_yearly_workbook_agrees_with_the_store_and_lists_those_never_seen(
    folder: Path, run: Run
) -> None:
    watched = load("config")
    seen, never = watched.users[VINEGAR][:2]
    at = datetime(2026, 3, 9, tzinfo=UTC)
    own = Listing(
        site="jd", ref="1", title="山西老陈醋", seller=Seller(company=seen.company, name="=醋店"),
        pictures=(Picture(sha256="a" * 64),), captured_at=at,
    )  # fmt: skip
    with open_store("sqlite:///leads.db") as store:
        store.see(own)
        store.keep_sight(seal(MatchKind.SEAL, "a" * 64))
        store.put([misuse("2", at), misuse("3", datetime(2025, 12, 31, 15, tzinfo=UTC))])
        store.judge(
            Judgement(
                lead=misuse("2", at).id, state=State.PENDING, reason="=核对", by="张三", at=at
            )
        )
        assert store.count(doubted(VINEGAR, 2026)) == 1
    arguments = ("--year", "2026", "--right", VINEGAR, "--store", "sqlite:///leads.db")
    assert run("annual", *arguments, "-o", "年报")[0] == 0
    book = load_workbook(f"年报/{VINEGAR}-2026.xlsx")
    rows = {row[0]: row[1:] for row in book["使用人"].iter_rows(values_only=True)}
    assert rows[seen.company][5:9] == (1, 1, 1, 0)
    assert rows[never.company][-1] == "网上未见"
    months = {row[0]: row[1:] for row in book["逐月"].iter_rows(values_only=True)}
    assert months["3 月"] == (1, 1)
    assert months["合计"] == (1, 1)
    assert book["疑似擅用"].max_row == 2
    kinds = {cell.data_type for ws in book for row in ws for cell in row if cell.value is not None}
    assert kinds <= {"s", "n"}


def misuse(ref: str, at: datetime) -> Lead:
    hit = Hit(right=VINEGAR, name="山西老陈醋", finding=Finding.GI_SIGN, matcher="seals",
              score=0.7, reason="疑似擅用")  # fmt: skip
    listing = Listing(site="jd", ref=ref, title="=1+1 老陈醋", captured_at=at)
    return Lead(
        id=lead_id("jd", ref, VINEGAR), right=VINEGAR, right_name="山西老陈醋", listing=listing,
        triage=Triage.LEAD, score=0.7, hits=(hit,), law_day=at.date(), found_at=at,
    )  # fmt: skip
