"""Leads move by command only as the states allow, and receipts move them too."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.cli import main
from leads.model import Finding, Hit, Lead, Listing, Seller, State, Triage, lead_id
from leads.sighting import Change
from leads.store import open_store

ROOT = Path(__file__).parent.parent.parent
NOW = datetime.now(UTC)
TODAY = (NOW + timedelta(hours=8)).date()

Run = Callable[..., tuple[int, str, str]]


def lead(ref: str, seller: str, right: str = "gi-shanxi-laochencu") -> Lead:
    hit = Hit(
        right=right, name="某", finding=Finding.GI_NAME, matcher="names", score=0.9, reason="疑似"
    )
    listing = Listing(
        site="taobao",
        ref=ref,
        title=f"=1+1 某老陈醋 {ref} 13812345678",
        seller=Seller(ref=seller, name=seller, location="山西 太原"),
        captured_at=NOW - timedelta(days=9),
    )
    return Lead(
        id=lead_id("taobao", ref, right),
        right=right,
        right_name="山西老陈醋",
        listing=listing,
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        law_day=date(2026, 11, 22),
        found_at=NOW - timedelta(days=9),
    )


ONE, TWO, THREE = lead("1", "甲店"), lead("2", "甲店"), lead("3", "乙店")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the shipped config and a store of three leads of two sellers."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    with open_store(f"sqlite:///{tmp_path}/leads.db") as store:
        for one in (ONE, TWO, THREE):
            store.see(one.listing)
        store.put([ONE, TWO, THREE])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKWATCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MARKWATCH_STORE", "sqlite:///leads.db")
    monkeypatch.setenv("MARKWATCH_VAULT", "vault")
    return tmp_path


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run ``markwatch`` in the folder; give its exit code, stdout and stderr."""

    def markwatch(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["markwatch", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    loggers = [logging.getLogger(), logging.getLogger("markwatch")]
    before = [logger.handlers[:] for logger in loggers]
    yield markwatch
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers


def states(folder: Path) -> list[State]:
    with open_store(f"sqlite:///{folder}/leads.db") as store:
        return [standing.state for one in (ONE, TWO, THREE) if (standing := store.get(one.id))]


HAND_OVER = (
    f"judge {ONE.id} --as 待审批 --reason 证据充分 --by 甲",
    f"judge {ONE.id} --as 已交办 --reason 同意 --by 乙 --to 太原",
)


def test_a_lead_goes_its_whole_way(run: Run, folder: Path) -> None:
    (folder / "签收单.pdf").write_bytes(b"%PDF-1.7 receipt")
    way = [
        *HAND_OVER,
        f"receipt {ONE.id} --kind 签收 --by 太原市局丙 --file 签收单.pdf --at {TODAY}",
        f"judge {ONE.id} --as 核查中 --reason 已分派 --by 丙",
        f"judge {ONE.id} --as 核查中 --code 暂停 --reason 送权利人辨认 --by 丙",
        f"judge {ONE.id} --as 核查中 --code 恢复 --reason 辨认完毕 --by 丙",
        f"judge {ONE.id} --as 立案 --reason 符合条件 --by 丙",
        f"judge {ONE.id} --as 办结 --reason 已处罚 --by 丙",
        f"receipt {ONE.id} --kind 反馈 --by 太原市局丙 --note 已责令改正",
        f"judge {ONE.id} --as 归档 --reason 归档 --by 甲",
    ]
    for line in way:
        assert run(line)[0] == 0, line
    assert states(folder)[0] is State.ARCHIVED
    with open_store(f"sqlite:///{folder}/leads.db") as store:
        signed = store.judgements(ONE.id)[2]
        assert store.judgements(ONE.id)[1].to == "140100"
    assert signed.file
    assert any(path.name.startswith(signed.file[:8]) for path in (folder / "vault").rglob("*"))


REFUSED = [
    (f"judge {ONE.id} --as 立案 --reason 理由 --by 甲", 1, "现为“新发现”，不能改为“立案”"),
    (f"judge {ONE.id} --as 排除 --code 心情 --reason 理由 --by 甲", 1, "可用：授权使用"),
    (f"judge {ONE.id} --as 待审批 --reason 理由 --by 甲 --to 火星", 2, "没有收件单位 '火星'"),
    (f"judge {ONE.id} --as 待审批 --reason 理由 --by 甲 --at 2999-01-01", 1, "晚于今天"),
    (f"judge {ONE.id} --as 排除 --reason 理由 --by 甲 --whole-seller", 1, "须两人决定"),
    (f"receipt {ONE.id} --kind 签收 --by 丙", 1, "不能改为“已签收”"),
    (f"receipt {ONE.id} --kind 反馈 --by 丙", 2, "反馈须写明办理结果"),
    (f"receipt {ONE.id} --kind 收悉 --by 丙", 2, "'收悉' 不在可用的值之中"),
    (f"receipt {ONE.id} --kind 签收 --by 丙 --file 没有.pdf", 2, "没有.pdf"),
    ("receipt L0 --kind 签收 --by 丙", 1, "没有线索 L0"),
    ("route L0", 1, "没有线索 L0"),
    ("report --from 2026-11-02 --to 2026-11-01", 2, "早于 --from"),
    ("receipts 没有.csv", 2, "没有.csv"),
]


@pytest.mark.parametrize(("line", "code", "told"), REFUSED)
def test_what_is_not_allowed_is_refused_and_changes_nothing(
    run: Run, folder: Path, line: str, code: int, told: str
) -> None:
    ended, _, err = run(line)
    assert (ended, told in err) == (code, True), err
    assert states(folder) == [State.NEW] * 3


def test_who_proposed_cannot_approve(run: Run, folder: Path) -> None:
    run(HAND_OVER[0])
    code, _, err = run(f"judge {ONE.id} --as 已交办 --reason 同意 --by 甲 --to 太原")
    assert (code, states(folder)[0]) == (1, State.APPROVAL)
    assert "审批人不能是提请审批的甲本人" in err


def test_two_people_exclude_a_whole_seller_and_nobody_else(run: Run, folder: Path) -> None:
    line = f"judge {ONE.id} --as 排除 --code 授权使用 --reason 经销商 --by 甲 --whole-seller"
    assert run(f"{line} --second 乙")[:2] == (0, "已记录 2 条：排除\n")
    assert states(folder) == [State.EXCLUDED, State.EXCLUDED, State.NEW]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_receipts_come_back_as_a_table_and_wrong_rows_are_named(
    run: Run, folder: Path, encoding: str
) -> None:
    for line in HAND_OVER:
        run(line)
    rows = (
        "线索编号,回执,签收人,日期,说明,原因码\n"
        f"{ONE.id},签收,太原市局丙,{TODAY},,\n"
        f"{TWO.id},收悉,丙,,,\n"
        f"{THREE.id},签收,,,,\n"
        f"{TWO.id},签收,丙,去年,,\n"
        f"{TWO.id},退回,丙,,不归我局,管辖\n"
        ",,,,,\n"
    )
    (folder / "回执.csv").write_bytes(rows.encode(encoding))
    code, out, err = run("receipts 回执.csv")
    assert (code, out) == (1, "已记录 1 条：已签收、退回\n")
    assert "第 3 行：没有回执种类 '收悉'；可用：签收、退回、反馈" in err
    assert "第 4 行：签收或反馈的人不能为空" in err
    assert "第 5 行：'去年' 不是日期" in err
    assert f"{TWO.id}：现为“新发现”，不能改为“退回”" in err
    assert states(folder) == [State.SIGNED, State.NEW, State.NEW]


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"\xff\xfe\x00", "不是可读的 CSV"), (b"a,b\n1,2\n", "缺少列 线索编号、回执、签收人")],
)
def test_a_table_that_is_none_is_refused(run: Run, folder: Path, body: bytes, told: str) -> None:
    (folder / "回执.csv").write_bytes(body)
    code, _, err = run("receipts 回执.csv")
    assert (code, told in err) == (2, True), err


def test_recipients_are_listed_with_reasons(run: Run) -> None:
    code, out, _ = run(f"route {ONE.id}")
    assert code == 0
    assert "1. 太原市市场监督管理局（知识产权局）（140100，市局）（名称未核对）" in out
    assert "卖家所在地“山西 太原”" in out
    assert "（taobao，平台）" in out


def test_what_is_overdue_is_listed_with_its_ground(run: Run) -> None:
    run(HAND_OVER[0])
    assert run("overdue") == (0, "", f"超期 0 项（{TODAY}）\n")
    code, out, _ = run("overdue --on 2031-06-02")
    assert code == 1
    assert f"{ONE.id}　待审批　审批期限" in out
    assert "，暂定，超期" in out or "，超期" in out
    assert "内部要求（依据未核对）" in out


def test_a_report_tells_the_period_and_writes_a_ledger_of_text(run: Run, folder: Path) -> None:
    for line in HAND_OVER:
        run(line)
    run(f"judge {THREE.id} --as 排除 --code 误识别 --reason 不是 --by 甲")
    code, out, err = run(f"report --from 2026-01-01 --to {TODAY} -o 台账.xlsx")
    assert code == 0
    assert "期间尚未结束" in err
    for line in (
        "  已交办　1",
        "  排除/误识别　1",
        "  山西老陈醋　1／1，50%",
        "太原市市场监督管理局",
    ):
        assert line in out
    sheet = load_workbook(folder / "台账.xlsx").active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[7] for row in cells[1:]] == [
        state for _, state in sorted([(ONE.id, "已交办"), (THREE.id, "排除")])
    ]
    assert all(cell.data_type in "sn" for row in sheet.iter_rows() for cell in row)
    told = str(cells)
    assert "=1+1 某老陈醋 1 138****5678" in told
    assert "13812345678" not in told


def test_a_platform_is_measured_by_what_crawls_saw(run: Run, folder: Path) -> None:
    run(f"judge {ONE.id} --as 待审批 --reason 证据充分 --by 甲")
    run(f"judge {ONE.id} --as 已移送 --reason 同意 --by 乙 --to taobao")
    with open_store(f"sqlite:///{folder}/leads.db") as store:
        later = datetime.now(UTC)
        store.missed("taobao", ["1"], later + timedelta(seconds=1))
        (gone,) = store.missed("taobao", ["1"], later + timedelta(seconds=2))
        assert gone.change is Change.VANISHED
    _, out, _ = run(f"report --from {TODAY} --to {TODAY + timedelta(days=1)} --json")
    notices = json.loads(out)["notices"]
    assert (notices["sent"], notices["vanished"], notices["relisted"]) == (1, 1, 0)
