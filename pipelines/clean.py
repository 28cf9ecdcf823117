"""A listing is told apart from others, and one that was already seen in this run is dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from leads.ledger import Glimpse
from leads.model import Listing, Visit
from pipelines.work import work_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Clean:
    """Drops true duplicates (one number under several addresses) and listings nobody could find.

    Words stay as they came: spans count the characters of a field as given.
    """

    def __init__(self, taken: Iterable[tuple[str, str]] = ()) -> None:
        self.seen = {hash(key) for key in taken}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Begin with what earlier processes of this run have brought."""
        work = work_of(crawler)
        return cls((work.site, ref) for ref in work.taken())

    def process_item(self, item: Listing | Visit | Glimpse) -> Listing | Visit | Glimpse:
        """Pass the item on.

        Raises:
            DropItem: it was seen in this run, or has neither number nor address.
        """
        if isinstance(item, Listing):
            try:
                key = hash(item.key)
            except ValueError as nameless:
                raise DropItem(str(nameless), log_level="ERROR") from nameless
            if key in self.seen:
                raise DropItem("本次已取得同一商品", log_level="DEBUG")
            self.seen.add(key)
        return item
