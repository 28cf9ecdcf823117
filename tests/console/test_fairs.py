"""A fair, from the list of exhibitors to the watch after it; who complained is in no export."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from console.fairs import fair
from console.handing import overdue, report
from console.leads import leads
from leads.beijing import BEIJING
from leads.store import open_store
from leads.tree import All
from pipelines.looking import eyes_of

TODAY = datetime.now(BEIJING).date()
FAIR = f"""
name = "某农产品博览会"
place = "某馆"
first = {TODAY - timedelta(days=1)}
last = {TODAY + timedelta(days=1)}
site = "some-fair"
"""
SITE = """
name = "某农产品博览会"
kind = "fair"
spider = "fair"
url = "https://fair.example/"
"""
WHO, PHONE = "欧阳投诉人某", "13900002222"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def config(small_config: Callable[[], Path]) -> Path:
    """A config with a fair of these days."""
    root = small_config()
    (root / "fairs" / "some-fair.toml").write_text(FAIR, encoding="utf-8")
    (root / "sites" / "some-fair.toml").write_text(SITE, encoding="utf-8")
    return root


@pytest.fixture
def run(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKWATCH_CONFIG", str(config))

    def typed(command: click.Command, *words: str | Path) -> Result:
        result = CliRunner().invoke(command, [str(w) for w in words], standalone_mode=False)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


def sheet(path: Path, rows: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cells in page.iter_rows():
        for cell in cells:
            cell.data_type = "s"  # as a hostile exhibitor types it
    book.save(path)
    return path


FORMULA = '=HYPERLINK("http://evil.example")老陈醋'
ROWS = [
    ["某农产品博览会参展商名录"],
    ["展位号", "参展商名称", "主要展品", "参展品牌", "联系电话"],
    ["3A12", "郑州演练和润商贸有限公司", "山西老陈醋", "和润", PHONE],
    ["3A13", "=1+1演练食品有限公司", FORMULA, "", ""],
    ["3A14", "南京演练文具有限公司", "钢笔", "", ""],
    ["3A15", "", "没有参展商", "", ""],
]


def test_a_list_is_imported_with_its_columns_told_and_its_formulas_dead(
    run: Run, tmp_path: Path
) -> None:
    file = sheet(tmp_path / "名录.xlsx", ROWS)
    done = run(fair, "exhibitors", "some-fair", file)
    assert "参展商名称→企业、主要展品→主要展品、参展品牌→品牌、联系电话→不保留" in done.stderr
    assert "第 6 行“参展商名称”列为空" in done.stderr
    assert "现有参展商 3 家" in done.stdout
    assert done.return_value == 1
    with open_store("sqlite:///var/markwatch.db") as store:
        kept = {listing.title: listing for listing in store.listings(site="some-fair")}
    assert {listing.kind for listing in kept.values()} == {"exhibit"}
    assert dict(kept["=1+1演练食品有限公司"].attributes)["主要展品"] == FORMULA
    assert PHONE not in "".join(listing.model_dump_json() for listing in kept.values())

    again = run(fair, "exhibitors", "some-fair", file)
    assert "现有参展商 3 家" in again.stdout

    run(fair, "risk", "some-fair", "--all", "--format", "xlsx", "-o", "risk.xlsx")
    page = openpyxl.load_workbook("risk.xlsx").active
    assert page is not None
    types = {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s"}
    lines = run(fair, "risk", "some-fair", "--format", "jsonl").stdout.splitlines()
    (first, *_) = map(json.loads, lines)
    assert first["name"] == "郑州演练和润商贸有限公司"
    assert first["doubtful"]
    assert first["booths"] == ["3A12"]


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (180, 40, 40)).save(file, "JPEG")
    return file.getvalue()


BOOTH = ("some-fair", "--booth", "3A12", "--exhibitor", "郑州演练和润商贸有限公司")


@pytest.fixture
def eyes(run: Run, config: Path) -> Iterator[None]:
    """Ends the processes that looked at photos."""
    yield
    eyes_of(str(config), "var/vault").close()
    eyes_of.cache_clear()


@pytest.mark.usefixtures("eyes")
def test_an_exhibit_is_kept_with_its_photo_and_matched_at_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(photo())
    note = "疑似冒用平遥牛肉"
    words = ("enter", *BOOTH, "--title", "山西老陈醋", "--photo", "1.jpg", "--note", note)
    assert "山西老陈醋　使用地理标志名称" in run(fair, *words).stdout
    run(fair, *words)
    with open_store("sqlite:///var/markwatch.db") as store:
        (listing,) = store.listings(site="some-fair")
        rights = {one.lead.right for one in store.find(All())}
    assert rights == {"gi-shanxi-laochencu"}  # the note is no word of the exhibit
    (picture,) = listing.pictures
    blobs = {path.name: path for path in Path("var/vault/blobs").glob("*/*")}
    assert blobs[picture.sha256 or ""].read_bytes() == photo()
    assert listing.capture
    assert any(note.encode() in path.read_bytes() for path in blobs.values())


@pytest.mark.parametrize(
    "body", [b"<html><script>", b"", b"\xff\xd8\xff" + bytes(16 * 1024 * 1024)]
)
def test_what_is_no_photo_is_refused_and_nothing_is_kept(
    run: Run, tmp_path: Path, body: bytes
) -> None:
    (tmp_path / "1.jpg").write_bytes(body)
    with pytest.raises(Exception, match="第 1 张照片"):
        run(fair, "enter", *BOOTH, "--title", "老陈醋", "--photo", "1.jpg")
    with open_store("sqlite:///var/markwatch.db") as store:
        assert list(store.listings()) == []


def complained(run: Run, at: str, **changes: str) -> Result:
    options = {
        "title": "演练钢笔",
        "right": "brand-donghu",
        "text": "外包装使用该商标",
        "complainant": WHO,
        "contact": PHONE,
        "by": "张三",
        "at": at,
        **changes,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return run(fair, "complain", *BOOTH, *words)


def test_a_complaint_runs_for_a_day_and_names_nobody_outside_its_own_file(
    run: Run, tmp_path: Path
) -> None:
    day_ago = datetime.now(UTC).astimezone(BEIJING) - timedelta(hours=24)
    late, early = (f"{day_ago + timedelta(minutes=m):%Y-%m-%dT%H:%M}" for m in (-5, 30))
    done = complained(run, early)
    due = f"{datetime.fromisoformat(early) + timedelta(days=1):%Y-%m-%d %H:%M}"
    assert "投诉 some-fair-001 已登记" in done.stdout
    assert f"应于 {due}（北京时间）前答复" in done.stdout
    assert run(overdue).return_value == 0
    assert complained(run, late, title="演练毛笔").return_value is None
    done = run(overdue)
    assert done.return_value == 1
    assert "展会投诉答复期限" in done.stdout
    (pencil,) = [line.partition("　")[0] for line in done.stdout.splitlines()]

    exports = [run(leads, "--format", form).stdout for form in ("table", "jsonl", "csv")] + [
        run(fair, "risk", "some-fair", "--format", "jsonl").stdout,
        run(overdue, "--soon", "9").stdout,
        run(report, "--from", f"{TODAY}", "--to", f"{TODAY}", "-o", "ledger.xlsx").stdout,
    ]
    assert pencil in exports[1]
    secrets = (WHO.encode(), PHONE.encode())
    holding = {
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    }
    assert holding == {"var/private/complainants.jsonl"}
    assert not any(secret.decode() in text for text in exports for secret in secrets)
    ledger = openpyxl.load_workbook("ledger.xlsx").active
    assert ledger is not None
    cells = " ".join(str(cell.value) for row in ledger.iter_rows() for cell in row)
    assert pencil in cells
    assert WHO not in cells

    shown = run(fair, "complainant", "some-fair-002", "--by", "李四", "--reason", "回访").stdout
    assert WHO in shown
    assert PHONE in shown

    answered = run(fair, "answer", "some-fair", pencil, "--text", "提交授权书", "--by", "张三")
    assert "已超过期限" in answered.stdout
    assert run(overdue).return_value == 0
    with pytest.raises(Exception, match="没有待答复的展会投诉"):
        run(fair, "answer", "some-fair", pencil, "--text", "提交授权书", "--by", "张三")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": f"{WHO}反映外包装使用该商标"}, "不能写投诉人的姓名或联系方式"),
        ({"text": "请回电 139 0000 2222"}, "不能写投诉人的姓名或联系方式"),
        ({"text": " "}, "事由不能为空"),
        ({"at": "2099-01-01T00:00"}, "投诉时间晚于现在"),
        ({"at": "昨天"}, "不是时间"),
        ({"right": "patent-1"}, "专利侵权投诉不在此登记"),
    ],
)
def test_a_complaint_that_cannot_be_taken_leaves_nothing(
    run: Run, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(Exception, match=reason):
        complained(run, **{"at": f"{TODAY}T00:00", **changes})
    assert not Path("var/private/complainants.jsonl").exists()
    if Path("var/markwatch.db").exists():
        with open_store("sqlite:///var/markwatch.db") as store:
            assert list(store.listings()) == []


def test_a_fair_that_is_not_configured_is_named(run: Run) -> None:
    for words in (("risk", "no-fair"), ("watched", "no-fair")):
        with pytest.raises(Exception, match="没有展会 no-fair；已配置：canton-140、some-fair"):
            run(fair, *words)


def test_the_list_of_those_watched_ends_with_the_watch(run: Run, tmp_path: Path) -> None:
    run(fair, "exhibitors", "some-fair", sheet(tmp_path / "名录.xlsx", ROWS))
    told = run(fair, "watched", "some-fair", "--on", f"{TODAY + timedelta(days=10)}").stdout
    assert "郑州演练和润商贸有限公司　搜索：郑州演练和润商贸有限公司、和润" in told
    assert "南京" not in told
    over = run(fair, "watched", "some-fair", "--on", f"{TODAY + timedelta(days=200)}").stdout
    assert "期满解除" in over
