"""How a night is held against the truth."""

from __future__ import annotations

import pytest

from leads.model import DefenceCode, Finding, Triage
from practice.firms import AUTHORISED, NAMED, credit_code
from practice.truth import Claim, Found, Need, Truth, score

NAME, ORIGIN, COPY = Finding.GI_NAME, Finding.GI_ORIGIN, Finding.PICTURE_COPY
LEAD, REVIEW, NONE = Triage.LEAD, Triage.REVIEW, Triage.NONE

TRUTHS = (
    Truth("m", "1", {"gi-a": frozenset({NAME})}, "", frozenset({Need.NAMES}), None),
    Truth("m", "2", {}, "", frozenset({Need.NAMES}), DefenceCode.INGREDIENT),
    Truth("m", "3", {"gi-a": frozenset({COPY})}, "", frozenset({Need.PICTURES}), None),
)
ONE, THREE = Claim("m", "1", "gi-a", NAME), Claim("m", "3", "gi-a", COPY)


@pytest.mark.parametrize(
    ("hit", "found", "false"),
    [
        (Found("m", "1", "gi-a", NAME, LEAD), [ONE], 0),
        (Found("m", "1", "gi-a", NAME, REVIEW), [ONE], 0),
        (Found("m", "1", "gi-a", NAME, NONE), [], 0),
        (Found("m", "1", "gi-a", ORIGIN, LEAD), [], 0),
        (Found("m", "1", "gi-b", NAME, LEAD), [], 1),
        (Found("m", "1", "gi-b", NAME, REVIEW), [], 0),
        (Found("m", "2", "gi-a", NAME, LEAD), [], 1),
        (Found("m", "2", "gi-a", NAME, REVIEW), [], 0),
        (Found("m", "9", "gi-a", NAME, LEAD), [], 1),
        (Found("f", "1", "gi-a", NAME, LEAD), [], 1),
        (Found("m", "3", "gi-a", COPY, LEAD), [THREE], 0),
    ],
)
def test_a_hit_counts_as_found_or_false_by_the_rule(hit: Found, found: list[Claim], false: int):
    result = score(TRUTHS, [hit, hit])
    assert list(result.found) == found
    assert len(result.false) == false


def test_what_a_night_cannot_see_is_not_yet_and_the_rest_missed():
    assert score(TRUTHS, []) == ((), (ONE,), (), (THREE,))
    assert score(TRUTHS, [], has=frozenset({Need.NAMES, Need.PICTURES})).not_yet == ()
    assert score(TRUTHS, [], has=frozenset()).missed == ()


def test_credit_codes_hold_by_both_check_digits():
    # GB 32100-2015: the weighted sum of all 18 places is a multiple of 31.
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = [credit_code("140121", number) for number in range(500)]
    codes += [user.uscc or "" for users in AUTHORISED.values() for user in users]
    for code in codes:
        assert len(code) == 18
        body = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        assert (body + alphabet.index(code[17])) % 31 == 0
        weights = (3, 7, 9, 10, 5, 8, 4, 2)
        inner = sum(int(c, 36) * w for c, w in zip(code[8:16], weights, strict=True))
        assert (inner + (10 if code[16] == "X" else int(code[16]))) % 11 == 0


def test_authorised_users_are_told_to_be_invented():
    assert all("演练" in user.company for users in AUTHORISED.values() for user in users)
    assert all("演练" in firm.company for firm in NAMED.values())
