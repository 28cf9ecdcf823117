"""What a search page and an item page say of one listing, put together."""

from crawlers.spider import merged
from leads.model import Listing, Seller


def test_the_page_of_the_item_wins_and_the_search_fills_its_gaps() -> None:
    outline = Listing(
        title="老陈醋…",
        ref="1",
        origin="山西",
        seller=Seller(ref="7", name="醋坊", location="太原"),
    )
    detail = Listing(title="老陈醋 500ml*2", seller=Seller(name="醋坊旗舰店"))
    assert merged(outline, detail) == Listing(
        title="老陈醋 500ml*2",
        ref="1",
        origin="山西",
        seller=Seller(ref="7", name="醋坊旗舰店", location="太原"),
    )


def test_a_seller_that_only_one_of_them_knows_is_kept() -> None:
    seller = Seller(name="醋坊")
    with_seller, without = Listing(title="醋", seller=seller), Listing(title="醋")
    assert merged(with_seller, without).seller == seller
    assert merged(without, with_seller).seller == seller
