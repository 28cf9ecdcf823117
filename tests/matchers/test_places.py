"""Where a stated origin lies to a protected area, under old names and new."""

import pytest

from leads.model import Area
from matchers.text.places import Where, where


@pytest.mark.parametrize(
    ("text", "area", "lies"),
    [
        ("四川省成都市郫都区", "成都市郫都区", Where.INSIDE),
        ("成都郫县", "成都市郫都区", Where.INSIDE),
        ("广西横州市", "南宁市横县", Where.INSIDE),
        ("横县", "南宁市横州市", Where.INSIDE),
        ("陕西西安鄠邑", "西安市户县", Where.INSIDE),
        ("济南市莱芜区", "莱芜市", Where.INSIDE),
        ("成都市", "成都市郫都区", Where.UNKNOWN),
        ("山东济南章丘区", "成都市郫都区", Where.OUTSIDE),
    ],
)
def test_a_division_is_one_under_its_old_and_its_new_name(
    text: str, area: str, lies: Where
) -> None:
    assert where(text, [Area(name=area)]) is lies
