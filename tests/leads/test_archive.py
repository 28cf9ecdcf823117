"""An entry of a list is known again by its code or number, else by its name."""

import pytest

from leads.archive import Change, mark_keys, matched, user_keys
from leads.model import AuthorisedUser, Mark

A, B = AuthorisedUser(company="甲（集团）公司", uscc="CODE-A"), AuthorisedUser(company="乙公司")


@pytest.mark.parametrize(
    "given, found",
    [
        ([{"company": "甲（集团）公司", "uscc": "CODE-A"}], {0: 0}),
        ([{"company": "改了名的公司", "uscc": "code-a"}], {0: 0}),
        ([{"company": "甲(集团) 公司"}], {0: 0}),
        ([{"company": "甲（集团）公司", "uscc": "CODE-NEW"}], {0: 0}),
        ([{"company": "乙公司", "uscc": "CODE-B"}], {0: 1}),
        ([{"company": "丙公司"}], {}),
        # the code is asked before the name, whichever row comes first
        ([{"company": "甲（集团）公司"}, {"company": "丁公司", "uscc": "CODE-A"}], {1: 0}),
        ([{"company": "乙公司"}, {"company": "乙 公司"}], {0: 1}),
    ],
)
def test_a_user_is_known_again(given: list[dict[str, str]], found: dict[int, int]) -> None:
    assert matched((A, B), given, user_keys) == found


def test_a_mark_is_known_by_its_number_as_one_text_is_registered_often() -> None:
    kept = (Mark(text="试", number="1"), Mark(text="试", number="2"), Mark(text="试"))
    given = [{"text": "试", "number": "2"}, {"text": "试", "number": "3"}, {"text": "试"}]
    assert matched(kept, given, mark_keys) == {0: 1, 2: 2}


def test_a_change_names_the_fields_that_differ() -> None:
    later = A.model_copy(update={"shops": ("店",), "verified": True})
    assert Change(A, later).fields == ("shops", "verified")
    assert not Change(A, A.model_copy()).alters
    assert Change(None, A).alters
    assert Change(A, None).alters
