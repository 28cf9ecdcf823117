"""What nobody can do to the console: hostile text in every field, forged ids, tokens, roles."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from bs4 import BeautifulSoup

from leads.exclusions import Scope, made
from leads.model import Judgement, Listing, State
from leads.registry import Registry
from leads.store import open_store
from matchers.engine import Engine

PAYLOADS = (
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea></select><iframe src=javascript:alert(1)>",
    "javascript:alert(1)//",
    '" autofocus onfocus=alert(1) x="',
    "<a hx-get=/log hx-trigger=load data-hx-post=/undo>x</a>",
    "{{7*7}}{% for x in ().__class__.__base__ %}",
    "\u202egpj.exe\u200b\x00\x1b[31m",
    "<!--<base href=https://evil.example>-->",
    "&lt;script&gt;&#60;img src=x&#62;",
)


def hostile(payload: str, number: int) -> Listing:
    """Return a listing with a payload in every field, and a name that hits."""
    return Listing.model_validate(
        {
            "site": f"jd{payload}",
            "ref": f"{number}{payload}",
            "url": f"javascript:alert({number}){payload}",
            "title": f"{payload}康帅傅 红烧牛肉面{payload}",
            "description": payload,
            "attributes": [[payload, f"康帅傅{payload}"], ["品牌", payload]],
            "brand": f"康帅傅{payload}",
            "seller": {
                "ref": payload, "name": f"康帅傅{payload}", "url": payload, "company": payload,
                "location": f"山西 太原{payload}",
            },
            "origin": payload, "ships_from": payload, "factory": payload, "category": [payload],
            "sold": {"text": payload},
            "pictures": [{"url": payload, "path": payload}],
            "captured_at": "2026-11-22T01:30:00Z",
        }
    )  # fmt: skip


@pytest.fixture
def attacked(officer: Any, watched: Registry) -> list[str]:
    """Ids of leads that are hostile in every field, judged and excluded with hostile words."""
    engine, ids = Engine(watched), []
    at = datetime.now(UTC)
    with open_store(officer.place.store) as store:
        for number, payload in enumerate(PAYLOADS):
            listing = hostile(payload, number)
            store.see(listing)
            leads = engine.leads(listing, at)
            assert leads
            store.put(leads)
            words = payload.replace("\x00", "")
            for lead in leads[:1]:
                ids.append(lead.id)
                for state, to in ((State.APPROVAL, None), (State.ASSIGNED, words)):
                    judgement = Judgement(
                        lead=lead.id, state=state, reason=words, by=words, at=at, to=to
                    )
                    store.judge(judgement)
            store.exclude(
                made(Scope.LISTING, f"jd {words}", code="其他", reason=words, by=words, at=at)
            )
    return ids


PAGES = (
    "/?q=", "/sellers?q=", "/transfers", "/matchers", "/fairs", "/campaigns", "/log", "/packets",
    "/rights", "/nights", "/rights/brand-kangshifu", "/?q=%22%3Cscript%3E%22",
)  # fmt: skip


LINKS = ("href", "src", "action", "formaction", "poster", "srcset", "hx-get", "hx-post")
HTMX = ("hx-get", "hx-post", "hx-target", "hx-select", "hx-swap", "hx-trigger")
FOREIGN = "iframe, object, embed, base, template, math, foreignobject, style, [style]"


def faults(page: str) -> list[str]:
    """Return what in a page could run, load or lead away that we have not put there."""
    soup = BeautifulSoup(page, "lxml")
    found = [str(tag) for tag in soup.select(f"script:not([src^='/static/']), {FOREIGN}")]
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            ours = re.match(r"[/#](?!/)", str(value))
            handler = name.startswith("on") or (name in LINKS and not ours)
            if handler or (name.startswith(("data-hx", "hx-")) and name not in HTMX):
                found.append(f"{tag.name} {name}={value}")
    return found


def test_hostile_text_in_any_field_is_only_text_on_every_page(
    officer: Any, attacked: list[str]
) -> None:
    own = [f"/leads/{lead}" for lead in attacked]
    for path in (*PAGES, *own, f"{own[0]}/packet"):
        page = officer.get(path)
        assert faults(page) == [], path
        assert not re.search("[\u202e\u200b\x00\x1b]", page), path


def test_sellers_with_hostile_names_have_pages_and_searches_of_their_own(
    officer: Any, attacked: list[str]
) -> None:
    page = officer.get("/?q=")
    found = set(re.findall(r'href="(/seller\?key=[^"]+)"', page))
    assert len(found) > 5
    for address in found:
        own = officer.get(unescape(address))
        assert faults(own) == [], address
        whole = re.search(r'href="(/\?q=%E5%8D%96%E5%AE%B6[^"]+)"', own)
        assert whole is None or officer.get(unescape(whole[1]))


def test_what_narrows_a_query_by_hostile_values_can_be_asked(
    officer: Any, attacked: list[str]
) -> None:
    page = BeautifulSoup(officer.get("/?q="), "lxml")
    links = [str(link["href"]) for link in page.select(".facet a")]
    assert links
    for link in links:
        assert officer.get(link)


def test_forms_of_another_session_or_site_change_nothing(officer: Any) -> None:
    forms = {
        "/judge": {"lead": "L0", "state": "排除", "reason": "x", "by": "y"},
        "/undo": {"back": "/"},
        "/searches": {"title": "x", "q": "y"},
        "/transfers": {"lead": "L0", "kind": "签收", "by": "x"},
        "/exclusions/propose": {"scope": "listing", "subject": "jd 1"},
        "/exclusions/decide": {"number": "1"},
        "/exclusions/lift": {"id": "X0"},
        "/leads/L0/packet": {"to": "140100"},
        "/fairs/canton-140/enter": {"title": "x"},
    }
    for path, given in forms.items():
        for token in ({}, {"token": "0" * 64}):
            assert officer.client.post(path, data={**given, **token}).status_code == 403, path
        elsewhere = {"origin": "https://evil.example"}
        ours = {**given, "token": officer.token()}
        assert officer.client.post(path, data=ours, headers=elsewhere).status_code == 403, path


def test_no_role_does_what_belongs_to_a_higher_one(staff: Any) -> None:
    staff.log_in("甲")
    for path in ("/judge", "/undo", "/transfers", "/exclusions/propose", "/exclusions/decide",
                 "/exclusions/lift", "/leads/L0/packet", "/fairs/canton-140/enter"):  # fmt: skip
        assert staff.send(path, state="排除", role="4").status_code == 403, path
    for path in ("/packets", "/packets/x.zip", "/log", "/people", "/leads/L0/evidence/E001",
                 "/leads/L0/receipts/x", "/leads/L0/packet",
                 "/fairs/canton-140/enter"):  # fmt: skip
        assert staff.status(path) == 403, path


def test_a_lead_of_another_city_is_nowhere(staff: Any) -> None:
    staff.log_in("乙")
    foreign = staff.ids("店铺:甲店")
    own = staff.ids("城市:大同")
    staff.log_in("丁")
    for lead in foreign:
        for page in ("", "/packet", "/evidence/E001", f"/receipts/{'0' * 64}"):
            assert staff.status(f"/leads/{lead}{page}") == 404
        assert staff.send(f"/leads/{lead}/packet", to="140100").status_code == 404
    for path in (
        "/?q=",
        "/sellers?q=",
        "/transfers",
        "/rights/brand-kangshifu",
        "/matchers",
        "/fairs/canton-140",
    ):
        page = staff.get(path)
        assert not [lead for lead in foreign if lead in page], path
        assert "甲店" not in page, path
    assert staff.ids("") == own
    assert "店铺" in staff.get("/complete", q="店")


@pytest.mark.parametrize(
    "path",
    [
        "/leads/L000000000000", "/leads/..%2f..%2fetc%2fpasswd", "/packets/..%2fconsole.db",
        "/packets/%2fetc%2fpasswd", "/pictures/..%2f..%2fetc", f"/pictures/{'0' * 64}",
        "/static/../app.py", "/static/%2e%2e/app.py", "/rights/nosuch", "/nosuch",
        "/leads/L000000000000/evidence/..%2f..%2fcustody", "/references/..%2f..%2fetc%2fpasswd",
        "/campaigns/..%2fx", "/fairs/..%2fx", "/seller?key=%00",
    ],
)  # fmt: skip
def test_forged_ids_and_path_tricks_find_nothing(officer: Any, path: str) -> None:
    assert officer.status(path) == 404


@pytest.mark.parametrize("path", ["/searches", "/transfers", "/fairs/canton-140/enter", "/judge"])
def test_a_body_of_fifty_megabytes_is_refused(officer: Any, path: str) -> None:
    files = {"photo": ("x.jpg", b"\xff\xd8\xff" + bytes(50 << 20), "image/jpeg")}
    assert (
        officer.client.post(path, data={"token": officer.token()}, files=files).status_code == 413
    )


@pytest.mark.parametrize(
    "query",
    [
        {"after": "'; DROP TABLE leads; --"}, {"after": "[[[["}, {"q": "标题:(((("},
        {"q": "x" * 3000}, {"q": "\x00"}, {"q": '"'}, {"q": "标题:*醋"}, {"after": '["a"]'},
    ],
)  # fmt: skip
def test_a_forged_query_or_page_mark_is_refused_with_a_reason(
    officer: Any, query: dict[str, str]
) -> None:
    answer = officer.client.get("/", params=query)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_another_host_is_refused(officer: Any) -> None:
    assert officer.client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_every_answer_forbids_scripts_frames_and_guessing_of_types(officer: Any) -> None:
    for path in ("/", "/leads/none", "/static/style.css", "/static/vendor/htmx-4.0.1.min.js"):
        headers = officer.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_form_never_sends_one_elsewhere(officer: Any) -> None:
    for where in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""):
        answer = officer.send("/judge", lead="L0", state="排除", back=where)
        assert answer.headers["location"] == "/"


def test_the_scripts_of_others_are_those_that_were_looked_at(officer: Any) -> None:
    (given,) = re.findall(
        r'<script src="(/static/vendor/[^"]+)" integrity="sha384-([^"]+)"', officer.get("/")
    )
    body = officer.client.get(given[0]).content
    assert base64.b64encode(hashlib.sha384(body).digest()).decode() == given[1]
    assert officer.status("/static/vendor/htmx-LICENSE.txt") == 200
