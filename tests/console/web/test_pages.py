"""What officers do in the console, and what nobody can do to it."""

import re

import pytest
from starlette.testclient import TestClient

from console.web.people import TRIES

PASSWORD = "correct horse"  # noqa: S105


def token(client: TestClient, path: str = "/") -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get(path).text)
    assert found
    return found[1]


def ids(client: TestClient, query: str = "") -> list[str]:
    return re.findall(r'data-lead="(L\w+)"', client.get("/", params={"q": query}).text)


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> int:
    given = {"token": token(client, "/login"), "name": name, "password": password}
    return client.post("/login", data=given).status_code


def judge(client: TestClient, leads: list[str], **more: str) -> str:
    given = {"token": token(client), "lead": leads, "state": "排除", "reason": "授权经销",
             "by": "张三", "code": "授权使用", "back": "/", **more}  # fmt: skip
    answer = client.post("/judge", data=given)
    assert answer.status_code == 303
    return client.get(answer.headers["location"]).text


# ---------------------------------------------------------------------------- what officers do


def test_the_queue_shows_what_is_new_and_marks_why(local: TestClient) -> None:
    page = local.get("/").text
    assert "<mark>康帅傅</mark>" in page
    assert "红富士" not in page


def test_a_query_narrows_the_queue_and_a_wrong_one_is_explained(local: TestClient) -> None:
    assert len(ids(local, "店铺:甲店")) == 2
    wrong = local.get("/", params={"q": "店铺:(甲店"})
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.text


def test_a_move_that_the_states_forbid_is_refused_with_what_is_allowed(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    page = judge(local, [lead], state="办结", code="")
    assert "1 条未记录" in page


@pytest.mark.parametrize("path", ["/rights", "/nights", "/matchers", "/log", "/packets"])
def test_every_page_opens(local: TestClient, path: str) -> None:
    assert local.get(path).status_code == 200


def test_what_somebody_did_is_in_the_log(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    judge(local, [lead])
    page = local.get("/log").text
    assert lead in page
    assert "研判" in page


def test_the_archive_page_of_a_right_shows_its_leads(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    right = re.findall(r'href="(/rights/[\w-]+)"', local.get(f"/leads/{lead}").text)[0]
    assert lead in local.get(right).text


# ---------------------------------------------------------------------------- people


def test_a_team_must_log_in(team: TestClient) -> None:
    assert team.get("/").headers["location"] == "/login"
    assert log_in(team, "乙", "wrong") == 403
    assert log_in(team, "乙") == 303
    assert team.get("/").status_code == 200


def test_the_session_changes_with_the_log_in_and_ends_with_the_log_out(team: TestClient) -> None:
    team.get("/login")
    before = team.cookies["markwatch"]
    log_in(team, "乙")
    assert team.cookies["markwatch"] != before
    kept = team.cookies["markwatch"]
    team.post("/logout", data={"token": token(team)})
    team.cookies.set("markwatch", kept)
    assert team.get("/").status_code == 303


def test_guessing_is_stopped_even_with_the_right_password(team: TestClient) -> None:
    for _ in range(TRIES):
        assert log_in(team, "乙", "wrong") == 403
    assert log_in(team, "乙") == 429


def test_a_reader_decides_nothing_and_sees_no_people(team: TestClient) -> None:
    log_in(team, "甲")
    lead = ids(team)[0]
    given = {"token": token(team), "lead": lead, "state": "排除", "reason": "x", "code": "其他"}
    assert team.post("/judge", data=given).status_code == 403
    assert team.get("/people").status_code == 403
    assert team.get("/log").status_code == 403


def test_an_officer_cannot_decide_in_another_name(team: TestClient) -> None:
    log_in(team, "乙")
    lead = ids(team, "店铺:甲店")[0]
    judge(team, [lead], by="别人")
    page = team.get(f"/leads/{lead}").text
    assert "别人" not in page
    assert "乙" in page


def test_only_an_approver_approves_and_only_to_those_who_may_receive(team: TestClient) -> None:
    log_in(team, "乙")
    lead = ids(team, "店铺:甲店")[0]
    judge(team, [lead], state="待审批", code="")
    assert "须由审批人决定" in judge(team, [lead], state="已交办", code="", to="140100")
    team.post("/logout", data={"token": token(team)})
    log_in(team, "丙")
    given = {"token": token(team), "lead": lead, "state": "已交办", "reason": "x", "to": "火星"}
    assert team.post("/judge", data=given).status_code == 400
    assert "已记录 1 条" in judge(team, [lead], state="已交办", code="", to="140100")
