"""Pages that stand where a listing was: taken down, sold out for good, or moved away."""

from __future__ import annotations

import re

from crawlers.page import Extractor, Page, Reading
from crawlers.platforms.blocks import has_listing
from leads.model import Verdict

_GONE = re.compile(
    r"(?:商品|宝贝|货品|产品|拼单)(?:信息)?(?:已经?|可能已)?(?:被卖家|被商家)?"
    r"(?:下架|下柜|不存在|删除|失效|找不到了|转移)"
)
"""As Taobao, Tmall, JD, 1688 and Pinduoduo say it in their notices (from memory)."""
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]{0,2000}>", re.I | re.S)
_SHORT = 30_000
"""Characters of a page; a longer one is read for what it is."""
_NOTICE = 200
"""Characters of text before which the notice begins: in a listing's own words it means nothing."""


class Gone(Extractor):
    """Recognises the notice on a short page without listing data."""

    name = "gone"
    order = 20

    def claims(self, page: Page) -> bool:
        """Tell whether the page is such a notice."""
        return _notice(page) is not None

    def read(self, page: Page) -> Reading:
        """Return the verdict ``empty``, and that the listing is gone."""
        return Reading(Verdict.EMPTY, reason=f"商品不在了（“{_notice(page)}”）", gone=True)


def _notice(page: Page) -> str | None:
    text = page.text
    if len(text) > _SHORT or not _GONE.search(text) or has_listing(text):
        return None
    found = _GONE.search(" ".join(_TAG.sub(" ", text).split()), 0, _NOTICE)
    return found.group() if found else None
