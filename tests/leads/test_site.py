"""On what terms a site may be visited: windows, budgets, decisions about robots.txt."""

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from leads.beijing import BEIJING
from leads.site import RobotsOverride, Site, Terms

TERMS: dict[str, Any] = {
    "contact": "监管处",
    "impact_assessment": "评估一号",
    "approver": "批准人",
    "window": ("01:00", "05:30"),
    "daily_pages": 100,
}
OVERRIDE: dict[str, Any] = {
    "paths": ("/item/", "/shop/"),
    "legal_basis": "依据",
    "approver": "批准人",
    "case": "案号",
    "valid_from": date(2026, 11, 1),
    "valid_to": date(2026, 11, 30),
}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-22T{clock}").replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("window", "clock", "left"),
    [
        (("01:00", "05:30"), "00:59:59", 0),
        (("01:00", "05:30"), "01:00:00", 4 * 3600 + 1800),
        (("01:00", "05:30"), "05:29:59", 1),
        (("01:00", "05:30"), "05:30:00", 0),
        (("22:00", "06:00"), "21:59:59", 0),
        (("22:00", "06:00"), "22:00:00", 8 * 3600),
        (("22:00", "06:00"), "23:59:59", 6 * 3600 + 1),
        (("22:00", "06:00"), "00:00:00", 6 * 3600),
        (("22:00", "06:00"), "06:00:00", 0),
        (("22:00", "00:00"), "23:59:59", 1),
        (("22:00", "00:00"), "00:00:00", 0),
        (("00:00", "00:00"), "00:00:00", 86_400),
        (("08:00", "08:00"), "07:59:59", 1),
    ],
)
def test_a_window_stays_open_as_long_as_it_says(
    window: tuple[str, str], clock: str, left: int
) -> None:
    terms = Terms.model_validate({**TERMS, "window": window})
    assert terms.seconds_left(at(clock)) == left
    assert terms.open_at(at(clock)) == (left > 0)


@pytest.mark.parametrize("missing", ["contact", "impact_assessment", "approver", "window"])
def test_terms_are_complete_or_there_are_none(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Terms.model_validate({k: v for k, v in TERMS.items() if k != missing})


@pytest.mark.parametrize(("field", "value"), [("delay", 0.5), ("daily_pages", 0), ("contact", "")])
def test_terms_never_loosen_the_floor(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        Terms.model_validate({**TERMS, field: value})


@pytest.mark.parametrize("missing", ["valid_from", "valid_to", "legal_basis", "approver", "case"])
def test_a_decision_about_robots_names_its_basis_and_its_dates(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        RobotsOverride.model_validate({k: v for k, v in OVERRIDE.items() if k != missing})


@pytest.mark.parametrize(
    ("path", "day", "may"),
    [
        ("/item/1", date(2026, 11, 1), True),
        ("/item/1", date(2026, 11, 30), True),
        ("/item/1", date(2026, 12, 1), False),
        ("/item/1", date(2026, 10, 31), False),
        ("/login", date(2026, 11, 22), False),
        ("/", date(2026, 11, 22), False),
    ],
)
def test_a_decision_opens_its_paths_while_it_is_in_force(path: str, day: date, may: bool) -> None:
    terms = Terms.model_validate({**TERMS, "robots": OVERRIDE})
    assert terms.may_read(path, day) is may
    assert not Terms.model_validate(TERMS).may_read(path, day)


def test_a_decision_never_opens_a_path_that_is_not_one() -> None:
    with pytest.raises(ValidationError, match="paths"):
        RobotsOverride.model_validate({**OVERRIDE, "paths": ("item",)})


def test_a_site_without_terms_may_be_known() -> None:
    site = Site.model_validate(
        {"id": "x", "name": "x", "kind": "market", "spider": "market", "url": "https://x.example/"}
    )
    assert site.terms is None
