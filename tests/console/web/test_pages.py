"""What officers do in the console, and what nobody can do to it."""

import re
from html import unescape

import pytest
from bs4 import BeautifulSoup
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


def test_many_leads_are_judged_at_once_and_leave_the_queue(local: TestClient) -> None:
    leads = ids(local, "店铺:甲店")
    assert "已记录 2 条" in judge(local, leads)
    assert ids(local, "店铺:甲店 状态:排除") == leads
    assert ids(local, "店铺:甲店 状态:新发现") == []


def test_an_exclusion_is_undone_by_going_back_and_both_stay_on_record(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    judge(local, [lead])
    judge(local, [lead], state="待研判", reason="误操作", code="")
    page = local.get(f"/leads/{lead}").text
    assert page.index("授权经销") < page.index("误操作")


def test_a_move_that_the_states_forbid_is_refused_with_what_is_allowed(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    page = judge(local, [lead], state="办结", code="")
    assert "1 条未记录" in page


def test_sellers_are_listed_with_all_their_leads(local: TestClient) -> None:
    page = local.get("/sellers").text
    assert "甲店" in page
    assert '<td class="number">2</td>' in page


def test_a_saved_search_is_there_the_next_time(local: TestClient) -> None:
    given = {"token": token(local), "title": "甲店的", "q": "店铺:甲店"}
    assert local.post("/searches", data=given).status_code == 303
    assert "甲店的" in local.get("/").text


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


def test_a_packet_without_evidence_is_refused_with_the_reason(local: TestClient) -> None:
    (lead, *_) = ids(local, "店铺:甲店")
    given = {"token": token(local, f"/leads/{lead}"), "to": "140100"}
    answer = local.post(f"/leads/{lead}/packet", data=given)
    assert answer.status_code == 303
    assert 'class="told"' in local.get(f"/leads/{lead}").text


# ---------------------------------------------------------------------------- attacks


def test_hostile_titles_and_names_are_text_on_every_page(local: TestClient) -> None:
    (lead,) = ids(local, "店铺:script")
    for path in ("/", "/sellers", f"/leads/{lead}"):
        page = local.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "⟨U+202E⟩" in page
        assert "{{7*7}}" in unescape(page)


def test_every_answer_forbids_scripts_frames_and_guessing_of_types(local: TestClient) -> None:
    for path in ("/", "/leads/none", "/static/style.css"):
        headers = local.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_no_page_holds_anything_inline_that_the_policy_would_stop(local: TestClient) -> None:
    (lead, *_) = ids(local)
    for path in ("/", "/sellers", "/rights", "/nights", "/matchers", f"/leads/{lead}"):
        page = BeautifulSoup(local.get(path).text, "lxml")
        assert not page.select("style, script:not([src]), [style]")
        names = {name for tag in page.find_all(True) for name in tag.attrs}
        assert not [name for name in names if name.startswith("on")]


def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(local: TestClient) -> None:
    leads = ids(local, "店铺:甲店")
    good = token(local)
    given = {"lead": leads, "state": "排除", "reason": "x", "by": "y", "code": "其他"}
    assert local.post("/judge", data=given).status_code == 403
    assert local.post("/judge", data={**given, "token": "0" * 64}).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    answer = local.post("/judge", data={**given, "token": good}, headers=elsewhere)
    assert answer.status_code == 403
    assert ids(local, "店铺:甲店 状态:新发现") == leads


def test_another_host_is_refused(local: TestClient) -> None:
    assert local.get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_form_never_sends_one_elsewhere(local: TestClient) -> None:
    for where in ("https://evil.example", "//evil.example", "/\\evil.example"):
        given = {"token": token(local), "lead": "L0", "state": "排除", "back": where}
        answer = local.post("/judge", data=given)
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/leads/L000000000000", "/leads/..%2f..%2fetc%2fpasswd", "/packets/..%2fconsole.db",
        "/pictures/..%2f..%2fetc", f"/pictures/{'0' * 64}", "/static/../app.py", "/rights/nosuch",
        "/nosuch",
    ],
)  # fmt: skip
def test_forged_ids_and_path_tricks_find_nothing(local: TestClient, path: str) -> None:
    assert local.get(path).status_code == 404


def test_a_body_of_fifty_megabytes_is_refused(local: TestClient) -> None:
    answer = local.post("/searches", data={"token": "x", "q": "x" * (50 << 20)})
    assert answer.status_code == 413


def test_a_forged_page_mark_is_refused(local: TestClient) -> None:
    assert local.get("/", params={"after": "'; DROP TABLE leads; --"}).status_code == 400


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


def test_another_citys_lead_is_not_there(team: TestClient) -> None:
    log_in(team, "乙")
    everything = ids(team)
    team.post("/logout", data={"token": token(team)})
    log_in(team, "丁")
    own = ids(team)
    assert own
    assert set(own) < set(everything)
    other = next(lead for lead in everything if lead not in own)
    assert team.get(f"/leads/{other}").status_code == 404
    judge(team, [other])
    team.post("/logout", data={"token": token(team)})
    log_in(team, "乙")
    assert other in ids(team, "状态:新发现")


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
