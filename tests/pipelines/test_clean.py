import pytest
from scrapy.exceptions import DropItem

from leads.model import Listing
from pipelines.clean import Clean


def test_one_number_under_two_addresses_is_one_listing() -> None:
    clean = Clean()
    first = Listing(site="jd", ref="1", title="陈醋", url="https://a.example/1?from=ad")
    assert clean.process_item(first) is first
    with pytest.raises(DropItem):
        clean.process_item(first.model_copy(update={"url": "https://a.example/1"}))


def test_a_listing_without_number_is_known_by_its_address() -> None:
    clean = Clean()
    clean.process_item(Listing(site="shop", title="陈醋", url="https://a.example/1"))
    clean.process_item(Listing(site="shop", title="陈醋", url="https://a.example/2"))


def test_a_listing_nobody_could_find_again_is_refused() -> None:
    with pytest.raises(DropItem):
        Clean().process_item(Listing(title="陈醋"))
