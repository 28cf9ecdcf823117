"""Who may do what, how they prove it, and what cannot be had by asking otherwise."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from console.web.app import application
from console.web.guard import MOST_BODY
from console.web.office import Place
from console.web.people import IDLE, TRIES, TRIES_FROM, People, Person, Role, TooManyTries
from leads.registry import Registry

PASSWORD = "correct horse"  # noqa: S105
OTHER = "battery staple"


def token(client: TestClient, path: str = "/") -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get(path).text)
    assert found
    return found[1]


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> int:
    given = {"token": token(client, "/login"), "name": name, "password": password}
    return client.post("/login", data=given).status_code


def post(client: TestClient, path: str, **given: str) -> str:
    """Send a form and return the page that follows."""
    answer = client.post(path, data={"token": token(client), **given})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def logged(client: TestClient) -> list[tuple[str, dict[str, object]]]:
    log = client.app.state.office.log  # type: ignore[attr-defined]
    lines = [line.record or {} for day in log.days() for line in log.lines(day)]
    return [(str(line["event"]), dict(line)) for line in lines]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path / "console.db")
    made.add(Person("甲", Role.ADMINISTRATOR), PASSWORD)
    yield made
    made.close()


# ---------------------------------------------------------------------------- accounts


def test_an_administrator_adds_changes_disables_and_removes_people(team: TestClient) -> None:
    log_in(team, "丙")
    assert "已添加 戊" in post(team, "/people", name="戊", role="2", city="", password=OTHER)
    assert "已有 戊" in post(team, "/people", name="戊", role="4", city="", password=OTHER)
    assert "须重新登录" in post(team, "/people/change", name="戊", role="3", city="140100")
    page = post(team, "/people/change", name="戊", role="3", city="140100", disabled="1")
    assert "已停用" in page
    assert "已重设 戊 的密码" in post(team, "/people/password", name="戊", password=PASSWORD)
    assert "已删除 戊" in post(team, "/people/remove", name="戊")
    assert "至少 10 个字符" in post(team, "/people", name="己", role="1", password=OTHER[:9])
    events = [event for event, _ in logged(team)]
    assert events == ["logged in", "added person", "changed person", "changed person",
                      "reset password", "removed person"]  # fmt: skip


def test_whoever_is_disabled_or_gets_another_role_is_out_at_once(
    team: TestClient, place: Place, watched: Registry
) -> None:
    log_in(team, "乙")
    office = team.app.state.office  # type: ignore[attr-defined]
    office.people.change(Person("乙", Role.READER), disabled=False)
    assert team.get("/").headers["location"] == "/login"
    log_in(team, "乙")
    office.people.change(Person("乙", Role.READER), disabled=True)
    assert team.get("/").headers["location"] == "/login"
    assert log_in(team, "乙") == 403


def test_the_last_administrator_stays_and_none_is_bound_to_a_city(people: People) -> None:
    with pytest.raises(ValueError, match="至少要有一名"):
        people.remove("甲")
    for role, disabled in ((Role.ADMINISTRATOR, True), (Role.READER, False)):
        with pytest.raises(ValueError, match="至少要有一名"):
            people.change(Person("甲", role), disabled)
    with pytest.raises(ValueError, match="不能限于一个城市"):
        people.add(Person("乙", Role.ADMINISTRATOR, "140100"), PASSWORD)
    people.add(Person("乙", Role.ADMINISTRATOR), PASSWORD)
    assert people.remove("甲")


def test_nobody_changes_or_removes_themselves(team: TestClient) -> None:
    log_in(team, "丙")
    for path in ("/people/change", "/people/remove", "/people/password"):
        given = {"token": token(team), "name": "丙", "role": "1", "password": OTHER}
        assert team.post(path, data=given).status_code == 400


@pytest.mark.parametrize(
    "path", ["/people", "/people/change", "/people/password", "/people/remove", "/people/end"]
)
@pytest.mark.parametrize("name", ["甲", "乙", "丁"])
def test_a_role_cannot_be_had_by_asking_for_it(team: TestClient, name: str, path: str) -> None:
    log_in(team, name)
    given = {"token": token(team), "name": name, "role": "4", "password": OTHER}
    assert team.post(path, data=given).status_code == 403
    assert logged(team)[-1][0] == "logged in"


@pytest.mark.parametrize("given", [{"role": "9"}, {"role": "x"}, {"role": "2", "city": "../x"}])
def test_only_roles_and_cities_there_are_can_be_given(
    team: TestClient, given: dict[str, str]
) -> None:
    log_in(team, "丙")
    form = {"token": token(team), "name": "戊", "password": OTHER, **given}
    assert team.post("/people", data=form).status_code == 400


def test_a_hostile_name_is_text_and_one_that_hides_something_is_refused(team: TestClient) -> None:
    log_in(team, "丙")
    name = '<script>alert("x")</script>{{7*7}}'
    page = post(team, "/people", name=name, role="2", password=OTHER)
    for shown in (page, team.get("/log").text):
        assert "<script>alert" not in shown
        assert "{{7*7}}" in unescape(shown)
    assert "不可见字符" in post(team, "/people", name="戊\u202e", role="2", password=OTHER)


def test_accounts_of_an_earlier_version_still_open(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "console.db") as old:
        old.executescript("""
            CREATE TABLE people (name TEXT PRIMARY KEY, role INTEGER NOT NULL, city TEXT,
                password TEXT NOT NULL) STRICT;
            CREATE TABLE sessions (token TEXT PRIMARY KEY, name TEXT NOT NULL,
                ends REAL NOT NULL) STRICT;
            INSERT INTO people VALUES ('甲', 4, NULL, 'x');
        """)
    old.close()
    for _ in range(2):
        people = People(tmp_path / "console.db")
        assert [account.disabled for account in people.all()] == [False]
        people.close()


# ---------------------------------------------------------------------------- sessions


def test_ones_own_password_is_changed_for_the_old_one_and_other_sessions_end(
    team: TestClient, place: Place, watched: Registry
) -> None:
    log_in(team, "乙")
    office = team.app.state.office  # type: ignore[attr-defined]
    elsewhere = office.people.open_session("乙")
    given = {"token": token(team, "/account"), "old": PASSWORD, "new": OTHER, "again": OTHER}
    assert team.post("/account", data={**given, "old": "wrong"}).status_code == 403
    assert team.post("/account", data={**given, "again": "x"}).status_code == 400
    assert team.post("/account", data={**given, "new": "a", "again": "a"}).status_code == 400
    assert office.people.of_session(elsewhere) is not None
    before = team.cookies["markwatch"]
    assert team.post("/account", data=given).status_code == 303
    assert team.cookies["markwatch"] != before
    assert team.get("/").status_code == 200
    assert office.people.of_session(elsewhere) is None
    assert office.people.of_session(before) is None
    assert log_in(team, "乙", OTHER) == 303


def test_the_old_password_cannot_be_guessed_from_inside(team: TestClient) -> None:
    log_in(team, "乙")
    given = {"token": token(team, "/account"), "old": "wrong", "new": OTHER, "again": OTHER}
    for _ in range(TRIES):
        assert team.post("/account", data=given).status_code == 403
    assert team.post("/account", data={**given, "old": PASSWORD}).status_code == 429


def test_sessions_are_listed_and_ended_by_oneself_and_by_an_administrator(
    team: TestClient,
) -> None:
    people = team.app.state.office.people  # type: ignore[attr-defined]
    stranger, second = people.open_session("甲", "10.0.0.9"), people.open_session("乙", "10.0.0.7")
    log_in(team, "乙")
    page = team.get("/account").text
    assert "10.0.0.7" in page
    assert "10.0.0.9" not in page
    ids = {session.address: session.id for session in people.sessions()}
    post(team, "/account/end", session=ids["10.0.0.9"])
    assert people.of_session(stranger)  # another's is not ended
    post(team, "/account/end", session=ids["10.0.0.7"])
    assert people.of_session(second) is None
    log_in(team, "丙")
    assert "10.0.0.9" in team.get("/people").text
    assert "已结束 甲 的登录" in post(team, "/people/end", session=ids["10.0.0.9"])
    assert people.of_session(stranger) is None


def test_a_session_ends_when_nobody_uses_it(people: People, tmp_path: Path) -> None:
    opened = people.open_session("甲")
    assert people.of_session(opened)
    with sqlite3.connect(tmp_path / "console.db") as db:
        db.execute("UPDATE sessions SET seen = ?", (time.time() - IDLE - 1,))
    db.close()
    assert people.of_session(opened) is None
    assert people.sessions() == []


def test_a_session_given_by_somebody_else_is_not_taken_over(team: TestClient) -> None:
    """Session fixation: what was in the browser before the log-in opens nothing after it."""
    team.cookies.set("markwatch", "chosen-by-somebody-else")
    found = re.search(r'name="token" value="(\w+)"', team.get("/login").text)
    assert found
    given = {"token": found[1], "name": "乙", "password": PASSWORD}
    answer = team.post("/login", data=given)
    assert answer.status_code == 303
    people = team.app.state.office.people  # type: ignore[attr-defined]
    assert people.of_session("chosen-by-somebody-else") is None
    fresh = answer.cookies["markwatch"]
    assert people.of_session(fresh)


def test_logging_in_again_ends_the_session_before(team: TestClient) -> None:
    log_in(team, "乙")
    before = team.cookies["markwatch"]
    log_in(team, "甲")
    people = team.app.state.office.people  # type: ignore[attr-defined]
    assert people.of_session(before) is None


def test_forms_before_the_log_in_differ_from_visitor_to_visitor(team: TestClient) -> None:
    first = token(team, "/login")
    team.cookies.clear()
    assert token(team, "/login") != first


# ---------------------------------------------------------------------------- guessing


def test_guessing_one_name_is_stopped_and_others_may_still_log_in(people: People) -> None:
    people.add(Person("乙", Role.READER), PASSWORD)
    for place in range(TRIES):
        assert people.log_in("乙", "wrong", f"10.0.0.{place}") is None
    with pytest.raises(TooManyTries):
        people.log_in("乙", PASSWORD, "10.0.1.1")
    assert people.log_in("甲", PASSWORD, "10.0.0.1")


def test_guessing_many_names_from_one_address_is_stopped(
    people: People, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "console.db") as db:
        rows = [("from:10.0.0.1", time.time())] * TRIES_FROM
        db.executemany("INSERT INTO tries VALUES (?, ?)", rows)
    db.close()
    with pytest.raises(TooManyTries):
        people.log_in("甲", PASSWORD, "10.0.0.1")
    assert people.log_in("甲", PASSWORD, "10.0.0.2")


# ---------------------------------------------------------------------------- over the wire


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(team: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    headers = {"content-length": str(50 << 20), "content-type": "multipart/form-data; boundary=x"}
    answer = team.post("/people", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_body_that_hides_its_length_is_cut_off(team: TestClient) -> None:
    log_in(team, "丙")
    sent = 0

    def growing() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(50):
            sent += 1 << 20
            yield b"x" * (1 << 20)

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert team.post("/people", content=growing(), headers=kind).status_code == 413
    assert sent <= 50 << 20


def test_whoever_has_not_logged_in_may_send_little(team: TestClient) -> None:
    given = {"token": token(team, "/login"), "name": "乙", "password": "x" * 20_000}
    assert team.post("/login", data=given).status_code == 413
    assert MOST_BODY > 20_000


def test_over_https_the_cookie_never_leaves_it_and_the_origin_is_told_by_it(
    place: Place, accounts: Path, watched: Registry
) -> None:
    place.books.mkdir()
    (place.books / "console.db").write_bytes(accounts.read_bytes())
    shared = Place(**{**vars(place), "team": True, "https": True})
    with TestClient(
        application(shared, watched), base_url="https://testserver", follow_redirects=False
    ) as client:
        answer = client.get("/login")
        cookie = answer.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("secure", "httponly", "samesite=strict"))
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        given = {"token": token(client, "/login"), "name": "乙", "password": PASSWORD}
        plain = {"origin": "http://testserver"}
        assert client.post("/login", data=given, headers=plain).status_code == 403
        ours = {"origin": "https://testserver"}
        assert client.post("/login", data=given, headers=ours).status_code == 303
