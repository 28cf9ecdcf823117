"""What a server has compressed is unpacked within limits, or is a page that cannot be had."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response


class Packed(IgnoreRequest):
    """A body that is not unpacked; the message says why, in Chinese."""


class Unpack(HttpCompressionMiddleware):
    """Scrapy's middleware, but a damaged body costs its page only, and the reason is Chinese.

    Unpacking stops at ``download_maxsize``, so a bomb costs no more memory than any large page.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # no spider
        """Unpack the body.

        Raises:
            Packed: it is damaged, or too large once it is unpacked.
        """
        try:
            return super().process_response(request, response)
        except IgnoreRequest as bomb:
            raise Packed("解压后超过大小上限，已中止") from bomb
        except Exception as damaged:  # every kind of compression has errors of its own
            raise Packed("压缩内容已损坏，无法解压") from damaged
