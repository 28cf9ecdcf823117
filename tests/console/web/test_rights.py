"""The archive of a right says what is known and what is not; the log says who did what."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from console.web.app import application
from console.web.office import Office, Place
from console.web.people import Person, Role
from leads.model import (
    AuthorisedUser,
    Finding,
    Hit,
    Lead,
    Listing,
    Mark,
    Picture,
    Right,
    RightKind,
    Seller,
    Triage,
    lead_id,
)
from leads.registry import Registry
from leads.sight import Legible, MatchKind, PictureMatch, Sight
from leads.store import open_store

HOSTILE = '<script>alert("x")</script>\u202e{{7*7}}'
AT = datetime(2026, 5, 6, tzinfo=UTC)
BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
USERS = (
    AuthorisedUser(company="甲醋厂", uscc="91140100MA00000010", verified=True),
    AuthorisedUser(company="乙醋厂", uscc="91140100MA0000001X", valid_to=date(2020, 1, 1)),
    AuthorisedUser(company=HOSTILE, shops=(HOSTILE,)),
)
VINEGAR = Right(
    id="gi-test",
    kind=RightKind.GI,
    name="试醋",
    aliases=(HOSTILE,),
    holder=HOSTILE,
    bureau="140100",
    marks=(Mark(text="试醋", number="123", holder="甲会", valid_to=date(2031, 1, 1)),),
    note=HOSTILE,
)


def lead(ref: str, city: str, finding: Finding = Finding.GI_SIGN, at: datetime = AT) -> Lead:
    hit = Hit(
        right="gi-test", name="试醋", finding=finding, matcher="seals", score=0.7, reason="疑似"
    )
    listing = Listing(
        site="jd", ref=ref, title=f"=1+1 试醋 {ref}", seller=Seller(name="某店"), captured_at=at
    )
    return Lead.model_validate(
        {
            "id": lead_id("jd", ref, "gi-test"), "right": "gi-test", "right_name": "试醋",
            "listing": listing, "triage": Triage.LEAD, "score": 0.7, "hits": (hit,),
            "routes": [{"bureau": city, "reason": "所在地"}], "law_day": at.date(), "found_at": at,
        }
    )  # fmt: skip


LEADS = (
    lead("1", "140100"),
    lead("2", "140200"),
    lead("3", "140200", Finding.GI_NAME),
    lead("4", "140100", at=datetime(2025, 5, 6, tzinfo=UTC)),
)


def seen(ref: str, company: str, digest: str, kind: MatchKind) -> tuple[Listing, Sight]:
    listing = Listing(
        site="jd", ref=ref, title="试醋 一瓶", seller=Seller(name="店", company=company),
        pictures=(Picture(sha256=digest),), captured_at=AT,
    )  # fmt: skip
    match = PictureMatch(
        kind=kind, right="gi-sign", source="x", score=0.9, reason="疑似", box=(0, 0, 9, 9),
        quad=BOX, source_quad=BOX, share=1, scale=1, inliers=9, certain=True,
    )  # fmt: skip
    return listing, Sight(sha256=digest, legible=Legible.OK, matches=(match,), read=True)


@pytest.fixture
def desk(place: Place, watched: Registry) -> Iterator[TestClient]:
    """A console of a team over one right and a few leads."""
    with open_store(place.store) as store:
        store.put(LEADS)
        for one in LEADS:
            store.see(one.listing)
        for listing, sight in (
            seen("a", "甲醋厂", "a" * 64, MatchKind.SEAL),
            seen("b", "甲醋厂", "b" * 64, MatchKind.SEAL_LIKE),
            seen("c", "外人", "c" * 64, MatchKind.SEAL),
        ):
            store.see(listing)
            store.keep_sight(sight)
    registry = watched.model_copy(
        update={
            "rights": {**watched.rights, "gi-test": VINEGAR},
            "users": {**watched.users, "gi-test": USERS},
        }
    )
    shared = Place(**{**vars(place), "team": True})
    with TestClient(application(shared, registry), follow_redirects=False) as client:
        be(client, "甲", Role.OFFICER)
        yield client


def office(client: TestClient) -> Office:
    found: Office = client.app.state.office  # type: ignore[attr-defined]
    return found


def be(client: TestClient, name: str, role: Role, city: str | None = None) -> None:
    """Go on as this person."""
    people = office(client).people
    people._db.execute(  # a password takes a tenth of a second, and none is asked for here
        "INSERT OR IGNORE INTO people (name, role, city, password) VALUES (?, ?, ?, '')",
        (name, int(role), city),
    )
    client.cookies.set("markwatch", people.open_session(name))


def token(client: TestClient, path: str = "/rights/gi-test") -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get(path).text)
    assert found
    return found[1]


# ---------------------------------------------------------------------------- the archive


def test_the_archive_tells_marks_users_and_what_nobody_has_checked(desk: TestClient) -> None:
    page = desk.get("/rights/gi-test").text
    for told in ("试醋", "123", "甲会", "至 2031-01-01", "甲醋厂", "校验位不符", "不在有效期",
                 "尚未与官方公告核对", "1 件注册", "2 个授权使用人",
                 "1 个使用人没有统一社会信用代码"):  # fmt: skip
        assert told in page, told


def test_leads_are_counted_by_month_and_the_special_mark_by_itself(desk: TestClient) -> None:
    page = desk.get("/rights/gi-test", params={"year": "2026"}).text
    assert "2026 年各月发现的线索：1 月 0，2 月 0，3 月 0，4 月 0，5 月 3" in page
    assert "疑似擅用 2 条" in page
    assert "疑似擅用 1 条" in desk.get("/rights/gi-test", params={"year": "2025"}).text


@pytest.mark.parametrize("year", ["1", "99999999999", "x", "-1", "'; --", "²"])
def test_a_year_that_is_none_is_this_year(desk: TestClient, year: str) -> None:
    assert desk.get("/rights/gi-test", params={"year": year}).status_code == 200


def test_what_users_show_is_counted_on_request_and_then_kept(desk: TestClient) -> None:
    assert "尚未统计" in desk.get("/rights/gi-test?year=2026").text
    answer = desk.post("/rights/gi-test/usage?year=2026", data={"token": token(desk)})
    page = desk.get(answer.headers["location"]).text
    assert "授权使用人带标商品 1 件" in page
    assert "商品 2，带标 1" in page
    assert "网上未见" in page


def test_the_yearly_workbook_and_the_export_are_files_of_text(desk: TestClient) -> None:
    for path in ("/rights/gi-test/annual?year=2026", "/rights/gi-test/export", "/rights/all.xlsx"):
        answer = desk.get(path)
        assert re.fullmatch(
            r'attachment; filename="[\w.-]+"', answer.headers["content-disposition"]
        )
        book = load_workbook(io.BytesIO(answer.content))
        kinds = {c.data_type for ws in book for row in ws for c in row if c.value is not None}
        assert kinds <= {"s", "n"}
    assert desk.get("/rights/brand-fenjiu/annual").status_code == 404


def test_the_list_is_narrowed_by_name_kind_and_what_is_lacking(desk: TestClient) -> None:
    def found(**asked: str) -> list[str]:
        return re.findall(r'href="/rights/([\w-]+)"', desk.get("/rights", params=asked).text)

    assert found(q="试 醋") == ["gi-test"]
    assert found(q="试醋", kind="trademark") == []
    assert "gi-test" in found(state="users", kind="gi")
    assert found(q=HOSTILE) == ["gi-test"]
    assert len(found(page="1")) == 100
    assert desk.get("/rights", params={"page": "9" * 30}).status_code == 200


def test_hostile_names_are_text_on_every_page_of_a_right(desk: TestClient) -> None:
    desk.post("/rights/gi-test/usage?year=2026", data={"token": token(desk)})
    for path in ("/rights/gi-test?year=2026", "/rights?q=试醋", "/registry?right=gi-test"):
        page = desk.get(path).text
        assert "<script>alert" not in page
        assert "\u202e" not in page
    assert "{{7*7}}" in unescape(desk.get("/rights/gi-test").text)


def test_a_city_counts_only_its_own_leads(desk: TestClient) -> None:
    be(desk, "大同", Role.READER, "140200")
    page = desk.get("/rights/gi-test?year=2026").text
    assert "5 月 2，" in page
    assert "疑似擅用 1 条" in page
    assert LEADS[0].id not in page
    book = load_workbook(io.BytesIO(desk.get("/rights/gi-test/annual?year=2026").content))
    ids = [row[0] for row in book["疑似擅用"].iter_rows(min_row=2, values_only=True)]
    assert ids == [LEADS[1].id]


# ---------------------------------------------------------------------------- the log


def note(client: TestClient, who: str, event: str, **facts: str) -> None:
    office(client).note(Person(who, Role.OFFICER), event, **facts)


def test_the_log_is_searched_by_person_event_and_day(desk: TestClient) -> None:
    note(desk, "甲", "judged", lead="L000000000001")
    note(desk, "乙", "packet", lead="L000000000002")
    be(desk, "审", Role.APPROVER)

    def found(**asked: str) -> list[str]:
        return re.findall(r"L0000000000\d\d", desk.get("/log", params=asked).text)

    assert found() == ["L000000000002", "L000000000001"]
    assert found(by="甲") == ["L000000000001"]
    assert found(event="packet") == ["L000000000002"]
    day = office(desk).log.days()[0].stem
    assert len(found(day=day)) == 2
    assert found(before="2") == ["L000000000001"]
    for trick in ("../../etc/passwd", "2020-01-01", "\0"):
        assert desk.get("/log", params={"day": trick}).status_code == 404


def test_the_log_goes_out_as_text_and_as_lines_whose_links_can_be_checked(desk: TestClient) -> None:
    note(desk, "甲", "judged", lead="=1+1", name=HOSTILE)
    be(desk, "审", Role.APPROVER)
    book = load_workbook(io.BytesIO(desk.get("/log/export").content))
    assert {c.data_type for row in book.active for c in row if c.value is not None} <= {"s", "n"}
    lines = desk.get("/log/export?form=jsonl").text.splitlines()
    assert [json.loads(line)["record"]["event"] for line in lines] == ["judged", "exported log"]
    page = desk.get("/log").text
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_a_log_that_was_changed_is_told(desk: TestClient) -> None:
    for number in range(3):
        note(desk, "甲", "judged", lead=f"L{number:012}")
    be(desk, "审", Role.APPROVER)
    assert "链条完好" in desk.get("/log").text
    (path,) = office(desk).log.days()
    path.write_bytes(path.read_bytes().replace(b"L000000000001", b"L000000000009"))
    assert desk.post("/log", data={"token": token(desk, "/log")}).status_code == 303
    page = desk.get("/log").text
    assert "内容已改动" in page
    assert "链条完好" not in page


def test_a_city_sees_only_what_its_own_people_did(desk: TestClient) -> None:
    be(desk, "大同", Role.APPROVER, "140200")
    note(desk, "甲", "judged", lead="L000000000001")
    note(desk, "大同", "judged", lead="L000000000002")
    for path in ("/log", "/log/export?form=jsonl"):
        page = desk.get(path).text
        assert "L000000000001" not in page
        assert "L000000000002" in page


@pytest.mark.parametrize("path", ["/log", "/log/export"])
def test_an_officer_does_not_read_the_log(desk: TestClient, path: str) -> None:
    assert desk.get(path).status_code == 403


# ---------------------------------------------------------------------------- packets


def test_a_city_has_no_packet_that_holds_another_citys_lead(desk: TestClient) -> None:
    folder = office(desk).place.packets
    folder.mkdir()
    for name, held in (("own", LEADS[1:2]), ("other", LEADS[:1]), ("both", LEADS[:2])):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as packet:
            for one in held:
                packet.writestr(f"{name}/data/leads/{one.id}/notice.json", "{}")
    (folder / "torn.zip").write_bytes(b"PK")
    be(desk, "大同", Role.OFFICER, "140200")
    page = desk.get("/packets").text
    assert re.findall(r'href="/packets/([^"]+)"', page) == ["own.zip"]
    codes = {
        name: desk.get(f"/packets/{name}.zip").status_code for name in ("own", "other", "both")
    }
    assert codes == {"own": 200, "other": 404, "both": 404}
    be(desk, "全省", Role.OFFICER)
    assert desk.get("/packets").text.count('href="/packets/') == 4
