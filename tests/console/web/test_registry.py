"""A list is changed by two people who saw what it does, and by nothing else."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from console.archive.proposals import MOST
from console.web.app import application
from console.web.office import Office, Place
from console.web.people import Role
from leads.registry import load

PASSWORD = "correct horse"  # noqa: S105
ROOT = Path(__file__).parents[3]
VINEGAR = "gi-shanxi-laochencu"  # of Taiyuan
TEA = "gi-puercha"  # of no bureau of ours
PEOPLE = (
    ("甲", Role.READER, None),
    ("乙", Role.OFFICER, None),
    ("丙", Role.APPROVER, None),
    ("丁", Role.APPROVER, None),
    ("大同", Role.APPROVER, "140200"),
    ("太原", Role.APPROVER, "140100"),
)


@pytest.fixture(scope="module")
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
def own(place: Place, few: Path, tmp_path: Path) -> Place:
    """A place whose config may be changed."""
    shutil.copytree(few, tmp_path / "config")
    return Place(**{**vars(place), "config": tmp_path / "config"})


@pytest.fixture
def desk(own: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A console of a team; whoever is to act logs in by :func:`be`."""
    shared = Place(**{**vars(own), "team": True})
    with TestClient(application(shared, load(own.config)), follow_redirects=False) as client:
        yield client


@pytest.fixture
def laptop(own: Place) -> Iterator[TestClient]:
    with TestClient(application(own, load(own.config)), follow_redirects=False) as client:
        client.get("/")
        yield client


def office(client: TestClient) -> Office:
    found: Office = client.app.state.office  # type: ignore[attr-defined]
    return found


def be(client: TestClient, name: str) -> None:
    """Go on as this person."""
    people = office(client).people
    if people.get(name) is None:
        people._db.execute(  # a password takes a tenth of a second, and none is asked for here
            "INSERT INTO people (name, role, city, password) VALUES (?, ?, ?, '')",
            next((n, int(role), city) for n, role, city in PEOPLE if n == name),
        )
    client.cookies.set("markwatch", people.open_session(name))


def token(client: TestClient) -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get("/registry").text)
    assert found
    return found[1]


def sheet(*rows: tuple[object, ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


NEW = sheet(("企业名称", "有效期起"), ("某某醋业有限公司", "2026-03-01"))


def send(client: TestClient, body: bytes = NEW, name: str = "名单.xlsx", **given: str):  # type: ignore[no-untyped-def]
    form = {"token": token(client), "right": VINEGAR, "reason": "第5号公告", **given}
    return client.post("/registry", data=form, files={"file": (name, body)})


def proposed(client: TestClient, **given: str) -> str:
    answer = send(client, **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def seal(client: TestClient, path: str) -> str:
    found = re.search(r'name="seal" value="(\w+)"', client.get(path).text)
    assert found
    return found[1]


def agree(client: TestClient, path: str, **given: str) -> str:
    form = {"token": token(client), "seal": seal(client, path), **given}
    answer = client.post(f"{path}/agree", data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def firms(own: Place) -> list[str]:
    return [user.company for user in load(own.config).users.get(VINEGAR, ())]


# ---------------------------------------------------------------------------- two people


def test_what_one_proposes_is_seen_by_another_before_it_is_written(
    desk: TestClient, own: Place
) -> None:
    before = firms(own)
    be(desk, "乙")
    path = proposed(desk)
    page = desk.get(path).text
    assert "新增授权使用人" in page
    assert "某某醋业有限公司" in page
    assert 'name="seal"' not in page
    assert firms(own) == before
    be(desk, "丙")
    assert "已生效" in agree(desk, path)
    assert firms(own) == [*before, "某某醋业有限公司"]
    assert "某某醋业有限公司" in desk.get(f"/rights/{VINEGAR}").text  # without a new start
    log = office(desk).log
    log.check()
    events = [
        (r["event"], r["by"]) for d in log.days() for line in log.lines(d) if (r := line.record)
    ]
    assert events == [("registry proposed", "乙"), ("registry changed", "丙")]
    assert desk.get(path).status_code == 404


def test_nobody_agrees_to_their_own_proposal_whatever_their_role(
    desk: TestClient, own: Place
) -> None:
    before = firms(own)
    be(desk, "丙")
    path = proposed(desk)
    assert 'name="seal"' not in desk.get(path).text
    be(desk, "丁")
    seen = seal(desk, path)
    be(desk, "丙")
    answer = desk.post(f"{path}/agree", data={"token": token(desk), "seal": seen})
    assert "另一人复核" in desk.get(answer.headers["location"]).text
    assert firms(own) == before


def test_roles_are_asked_for_at_every_step(desk: TestClient, own: Place) -> None:
    be(desk, "乙")
    path = proposed(desk)
    form = {"token": token(desk), "seal": "0" * 64, "reason": "x", "company": "甲公司"}
    assert desk.post(f"{path}/agree", data=form).status_code == 403
    be(desk, "甲")
    assert desk.get("/registry").status_code == 403
    for where in ("/registry", f"{path}/agree", f"{path}/withdraw", f"/rights/{VINEGAR}/users"):
        assert desk.post(where, data=form).status_code == 403


def test_if_the_list_changed_meanwhile_nothing_is_written_and_it_is_shown_anew(
    desk: TestClient, own: Place
) -> None:
    be(desk, "乙")
    first, second = proposed(desk), proposed(desk, whole="1")
    be(desk, "丙")
    seen = seal(desk, second)
    agree(desk, first)
    between = firms(own)
    answer = desk.post(f"{second}/agree", data={"token": token(desk), "seal": seen})
    page = desk.get(answer.headers["location"]).text
    assert "重新计算" in page
    assert firms(own) == between
    assert "删除授权使用人" in page
    assert "已生效" in agree(desk, second)
    assert firms(own) == ["某某醋业有限公司"]


def test_a_forged_seal_writes_nothing(desk: TestClient, own: Place) -> None:
    before = firms(own)
    be(desk, "乙")
    path = proposed(desk)
    be(desk, "丙")
    for forged in ("", "0" * 64, "../../x"):
        desk.post(f"{path}/agree", data={"token": token(desk), "seal": forged})
    assert firms(own) == before


def test_a_file_changed_on_the_disk_is_not_what_was_sent(desk: TestClient, own: Place) -> None:
    be(desk, "乙")
    path = proposed(desk)
    (kept,) = (own.books / "proposals").glob("*.bin")
    kept.chmod(0o644)
    kept.write_bytes(sheet(("企业名称",), ("冒名公司",)))
    be(desk, "丙")
    page = desk.get(path).text
    assert "在磁盘上被改动" in page
    assert 'name="seal"' not in page


def test_a_proposal_is_turned_down_with_a_reason_or_taken_back(
    desk: TestClient, own: Place
) -> None:
    be(desk, "丁")
    path = proposed(desk)
    be(desk, "乙")
    form = {"token": token(desk), "reason": "不符"}
    assert desk.post(f"{path}/withdraw", data=form).status_code == 403
    be(desk, "丙")
    desk.post(f"{path}/withdraw", data={**form, "token": token(desk), "reason": " "})
    assert desk.get(path).status_code == 200
    desk.post(f"{path}/withdraw", data={**form, "token": token(desk)})
    assert desk.get(path).status_code == 404
    assert not list((own.books / "proposals").iterdir())


def test_on_a_laptop_two_names_are_asked_for_and_said_to_be_a_formality(
    laptop: TestClient, own: Place
) -> None:
    assert "只是形式" in laptop.get("/registry").text
    assert send(laptop, by="").status_code == 400
    path = proposed(laptop, by="张三")
    for name in ("", "张 三"):
        agree(laptop, path, by=name)
        assert "某某醋业有限公司" not in firms(own)
    agree(laptop, path, by="李四")
    assert "某某醋业有限公司" in firms(own)


def test_one_user_can_be_proposed_by_a_form(desk: TestClient, own: Place) -> None:
    be(desk, "乙")
    given = {"token": token(desk), "company": "某某,醋业\"有限公司", "shops": "甲店；乙店",
             "valid_to": "2026-12-31", "source": "", "uscc": ""}  # fmt: skip
    answer = desk.post(f"/rights/{VINEGAR}/users", data=given)
    assert answer.status_code == 303
    be(desk, "丙")
    agree(desk, answer.headers["location"])
    user = load(own.config).users[VINEGAR][-1]
    assert (user.company, user.shops) == ('某某,醋业"有限公司', ("甲店", "乙店"))
    wrong = {**given, "token": token(desk), "uscc": "91140100MA0000001X"}
    assert "校验位不符" in desk.post(f"/rights/{VINEGAR}/users", data=wrong).text


# ---------------------------------------------------------------------------- faults and attacks


def test_faults_are_shown_by_row_and_column_and_the_file_is_not_kept(
    desk: TestClient, own: Place
) -> None:
    be(desk, "乙")
    head = ("企业名称", "统一社会信用代码", "有效期起")
    answer = send(desk, sheet(head, ("甲公司", "9114", "去年"), ("=1+1", "", "")))
    assert answer.status_code == 422
    rows = re.findall(r"<td[^>]*>([^<]*)</td>", answer.text)
    assert "B 列（统一社会信用代码）" in rows
    assert "是公式，请粘贴为数值" in rows
    assert not (own.books / "proposals").exists()


@pytest.mark.parametrize("made", ["zip bomb", "wide csv", "no table", "nothing", "not whole"])
def test_bombs_and_other_files_are_refused_in_words(
    desk: TestClient, own: Place, made: str
) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<c/>" * (40 << 20 >> 2))
    body = {
        "zip bomb": bomb.getvalue(),
        "wide csv": ("企业名称" + "," * 1_000_000).encode(),
        "no table": b"%PDF-1.7",
        "nothing": b"",
        "not whole": NEW[:-200],
    }[made]
    be(desk, "乙")
    answer = send(desk, body)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not (own.books / "proposals").exists()


def test_fifty_megabytes_are_refused(desk: TestClient, own: Place) -> None:
    be(desk, "乙")
    assert send(desk, b"x" * (50 << 20)).status_code == 413
    assert not (own.books / "proposals").exists()


def test_a_form_without_its_token_or_from_elsewhere_is_not_taken(
    desk: TestClient, own: Place
) -> None:
    be(desk, "乙")
    good = token(desk)
    for given, headers in (
        ({}, {}),
        ({"token": "0" * 64}, {}),
        ({"token": good}, {"origin": "https://evil.example"}),
    ):
        answer = desk.post(
            "/registry", data={"right": VINEGAR, **given}, files={"file": ("x.xlsx", NEW)},
            headers=headers,
        )  # fmt: skip
        assert answer.status_code == 403
    assert not (own.books / "proposals").exists()


def test_a_hostile_file_name_is_text_and_never_a_path(desk: TestClient, own: Place) -> None:
    be(desk, "乙")
    name = "../../config/rights/x<img src=x onerror=alert(1)>\u202e{{7*7}}.toml"
    answer = send(desk, name=name)
    assert answer.status_code == 303
    for path in ("/registry", answer.headers["location"]):
        page = desk.get(path).text
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "{{7*7}}" in unescape(page)
    files = [path.name for path in (own.books / "proposals").iterdir()]
    assert all(re.fullmatch(r"[0-9a-f]{16}\.(json|bin)", file) for file in files)


@pytest.mark.parametrize(
    "path",
    ["/registry/0123456789abcdef", "/registry/..%2f..%2fconsole.db", "/registry/%00",
     "/rights/..%2f..%2fx", "/rights/..%2fusers%2fx/export", "/rights/nosuch/annual"],
)  # fmt: skip
def test_forged_ids_and_path_tricks_find_nothing(desk: TestClient, path: str) -> None:
    be(desk, "丙")
    assert desk.get(path).status_code == 404


@pytest.mark.parametrize("right", ["../../x", "nosuch", "gi-puercha/../x", "\0"])
def test_a_list_for_a_right_that_is_none_is_refused(desk: TestClient, right: str) -> None:
    be(desk, "乙")
    assert send(desk, right=right).status_code == 404


def test_a_city_changes_only_its_own_rights_and_sees_no_others_proposals(
    desk: TestClient, own: Place
) -> None:
    before = firms(own)
    be(desk, "乙")
    path = proposed(desk)
    be(desk, "大同")
    assert send(desk).status_code == 403
    rights = sheet(
        ("代号", "种类", "名称", "主管市局"), (VINEGAR, "地理标志", "山西老陈醋", "140200")
    )
    assert send(desk, rights, right="").status_code == 403  # nor by making it one's own
    assert path.rpartition("/")[2] not in desk.get("/registry").text
    assert desk.get(path).status_code == 404
    form = {"token": token(desk), "seal": "x", "reason": "x"}
    assert desk.post(f"{path}/agree", data=form).status_code == 404
    assert desk.post(f"{path}/withdraw", data=form).status_code == 404
    assert firms(own) == before
    be(desk, "太原")
    assert "已生效" in agree(desk, path)


def test_only_so_many_proposals_wait(desk: TestClient, own: Place) -> None:
    folder = own.books / "proposals"
    be(desk, "乙")
    path = proposed(desk)
    (first,) = folder.glob("*.json")
    text = first.read_text(encoding="utf-8")
    for number in range(MOST - 1):
        (folder / f"{number:016x}.json").write_text(text, encoding="utf-8")
    assert "等待复核，请先处理" in send(desk).text
    assert desk.get(path).status_code == 200
