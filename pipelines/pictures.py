"""Pictures are fetched once each into the vault; a picture that fails never costs a listing."""

from __future__ import annotations

from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.pipelines.media import FileInfo, FileInfoOrError, MediaPipeline
from scrapy.utils.datatypes import LocalCache
from twisted.python.failure import Failure

from leads.model import Evidence, Listing, Visit

MAX_BYTES = 10 * 1024 * 1024
"""No shop photo is larger; what is, is refused while it downloads."""


class Pictures(MediaPipeline):
    """Scrapy's media pipeline: one download per address, however many listings share it."""

    LOG_FAILED_RESULTS = False

    class SpiderInfo(MediaPipeline.SpiderInfo):
        """What was fetched, bounded: a night may see millions of pictures."""

        def __init__(self, spider: Spider) -> None:
            super().__init__(spider)
            self.downloaded = LocalCache(limit=10_000)

    def get_media_requests(
        self, item: Listing | Visit, info: MediaPipeline.SpiderInfo
    ) -> list[Request]:
        """Ask for every picture with a web address."""
        if not isinstance(item, Listing):
            return []
        meta = {"download_maxsize": MAX_BYTES}
        return [
            Request(picture.url, meta=dict(meta), priority=-1)
            for picture in item.pictures
            if picture.url and picture.url.startswith(("http://", "https://"))
        ]

    def media_to_download(
        self, request: Request, info: MediaPipeline.SpiderInfo, *, item: Any = None
    ) -> None:
        """Fetch all; the vault knows bytes, not addresses."""

    def media_downloaded(
        self,
        response: Response,
        request: Request,
        info: MediaPipeline.SpiderInfo,
        *,
        item: Any = None,
    ) -> FileInfo:
        """Return the digest of the captured bytes, if the answer is a picture."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if response.status != 200 or not looks_like_picture(response.body):
            raise DropItem(f"不是图片：HTTP {response.status}，{kind}，{response.url}")
        evidence: Evidence = request.meta["evidence"]
        return FileInfo(
            url=request.url, path=evidence.id, checksum=evidence.sha256, status="downloaded"
        )

    def media_failed(
        self, failure: Failure, request: Request, info: MediaPipeline.SpiderInfo
    ) -> Failure:
        """Hand the failure to :meth:`item_completed`."""
        failure.raiseException()

    def item_completed(
        self,
        results: list[FileInfoOrError],
        item: Listing | Visit,
        info: MediaPipeline.SpiderInfo,
    ) -> Listing | Visit:
        """Return the listing with the digest of each picture that came."""
        if not isinstance(item, Listing):
            return item
        digests = {value["url"]: value["checksum"] for ok, value in results if ok}  # type: ignore[index]
        self.crawler.stats.inc_value("pictures/ok", len(digests))
        self.crawler.stats.inc_value("pictures/failed", len(results) - len(digests))
        pictures = tuple(
            picture.model_copy(update={"sha256": digests.get(picture.url or "")})
            for picture in item.pictures
        )
        return item.model_copy(update={"pictures": pictures})


def looks_like_picture(body: bytes) -> bool:
    """Tell by the first bytes: JPEG, PNG, GIF, BMP, WebP or AVIF (never SVG, TIFF or HTML)."""
    return (
        body.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"))
        or (body[:4] == b"RIFF" and body[8:12] == b"WEBP")
        or body[4:12] in (b"ftypavif", b"ftypavis")
    )
