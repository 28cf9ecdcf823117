"""What the label of goods sold under a GI must show, and the page does not."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import NamedTuple

from leads.model import DefenceCode, Listing
from matchers.text.defences import Case
from matchers.text.goods import Fit, fit
from matchers.text.likeness import DATA

_NOTHING = re.compile(
    r"\W*(?:无|暂无|没有|未知|不详|其他|其它|.{0,2}见.{0,6}|.{0,2}以.{0,6}为准)?\W*"
)
_LONGEST = 20
"""Characters of the longest value that shows nothing: empty, 见包装, 以实物为准."""


class _Item(NamedTuple):
    """Something to be shown: under which attributes, and what it looks like in any text."""

    name: str
    key: re.Pattern[str] | None
    look: re.Pattern[str] | None


@cache
def _items() -> tuple[_Item, ...]:
    table = tomllib.loads((DATA / "label.toml").read_text("utf-8"))["item"]
    return tuple(_Item(row["name"], _compiled(row, "key"), _compiled(row, "look")) for row in table)


def _compiled(row: dict[str, str], part: str) -> re.Pattern[str] | None:
    return re.compile(row[part]) if part in row else None


def unseen(listing: Listing) -> tuple[str, ...]:
    """Return what the page should show of the label and does not; a bare title has no label."""
    if not listing.attributes:
        return ()
    fields = (("厂址", listing.factory or ""), ("产地", listing.origin or ""))
    stated = [(key, value) for key, value in (*listing.attributes, *fields) if _says(value)]
    page = "\n".join((listing.title, listing.description or "", *map(" ".join, stated)))
    return tuple(item.name for item in _items() if not _shown(item, stated, page))


def _says(value: str) -> bool:
    return len(value) > _LONGEST or not _NOTHING.fullmatch(value)


def _shown(item: _Item, stated: list[tuple[str, str]], page: str) -> bool:
    return bool(
        (item.key and any(item.key.search(key) for key, _ in stated))
        or (item.look and item.look.search(page))
    )


def checklist(case: Case) -> str:
    """Return the sentence of a reason that names what is unseen; "" for other goods or none."""
    ingredient = any(answer.code is DefenceCode.INGREDIENT for answer in case.defences)
    named = fit(case.right, case.listing) is Fit.SAME  # often the name itself names the goods
    if case.goods is Fit.OTHER or not named or ingredient:
        return ""
    missing = unseen(case.listing)
    return f"标签核查：页面未见{'、'.join(missing)}。" if missing else ""
