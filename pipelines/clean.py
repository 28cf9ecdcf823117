"""A listing is told apart from others, and one that was already seen in this run is dropped."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from leads.model import Listing, Visit


class Clean:
    """Drops true duplicates (one number under several addresses) and listings nobody could find.

    Words stay as they came: spans count the characters of a field as given.
    """

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def process_item(self, item: Listing | Visit) -> Listing | Visit:
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
