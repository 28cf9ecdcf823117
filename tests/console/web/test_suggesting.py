"""An excluded lead leads on to the exclusion that would have spared people it, filled in."""

import html
import re
from typing import Any


def suggestions(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="(/matchers\?[^"]*)#propose"', page)]


def test_who_excludes_a_lead_is_led_to_the_exclusion_of_its_seller(officer: Any) -> None:
    (lead, *_) = officer.ids("店铺:甲店")
    assert suggestions(officer.get(f"/leads/{lead}")) == []
    officer.judge([lead], code="授权使用")
    (link,) = suggestions(officer.get(f"/leads/{lead}"))
    form = officer.get(link)
    assert re.search(r'<option value="seller" selected>', form)
    assert 'value="jd:s1"' in form


def test_an_exclusion_without_a_telling_code_suggests_nothing(officer: Any) -> None:
    (lead, *_) = officer.ids("店铺:甲店")
    officer.judge([lead], code="其他")
    assert suggestions(officer.get(f"/leads/{lead}")) == []
