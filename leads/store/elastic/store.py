"""The whole of a store in Elasticsearch."""

from leads.store.elastic.archive import Archive
from leads.store.elastic.counting import Counting
from leads.store.elastic.exclusions import Exclusions
from leads.store.elastic.leads import Leads
from leads.store.elastic.listings import Listings
from leads.store.elastic.parts import Parts
from leads.store.elastic.pictures import Pages, Pictures


class ElasticStore(Listings, Leads, Exclusions, Pages, Pictures, Archive, Counting, Parts):
    """A :class:`leads.store.Store` in the cluster at ``http(s)://HOST:PORT/PREFIX``.

    Raises:
        StoreError: nobody answers, the account is refused, the indices are not ours or of another
            version, or without ``create`` there are none.
    """
