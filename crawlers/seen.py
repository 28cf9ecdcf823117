"""Which pages were asked for already; no listing is lost because two addresses lead to one page."""

from __future__ import annotations

from scrapy import Request
from scrapy.dupefilters import RFPDupeFilter


class Seen(RFPDupeFilter):
    """Scrapy's filter of duplicates, but for requests that a redirect made.

    A redirected request that is dropped takes its callback and errback with it: of ten items that
    all lead to the log-in page, nine would vanish without a visit.
    """

    def request_seen(self, request: Request) -> bool:
        """Tell whether a request was made before, and remember it."""
        return "redirect_times" not in request.meta and super().request_seen(request)
