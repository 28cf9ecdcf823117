"""What goes over the wire, kept byte for byte: the request as sent and the answer as received."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.http import Response
from scrapy.resolver import dnscache
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached

from evidence.vault import SECRET
from leads.model import Exchange, Tls

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import HTTP11ClientProtocol
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

TALK = "markwatch_talk"
"""Where the talk about a response lies in ``request.meta``."""
_END = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d[ \r\n]")


@dataclass(slots=True)
class Talk:
    """One request and its answer."""

    sent: bytearray = field(default_factory=bytearray)
    heard: bytearray = field(default_factory=bytearray)
    tls: Tls | None = None


class _Tapped:
    """A transport whose writes are noted; everything else is the transport's own."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.sent = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: Any) -> None:
        self.write(b"".join(parts))


class _Protocol(_LenientHTTP11ClientProtocol):
    """Notes what each request on a connection sends and what comes back before the next."""

    _talk: Talk | None = None

    def makeConnection(self, transport: Any) -> None:
        super().makeConnection(_Tapped(transport))  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:
        if self._talk is not None:
            self._talk.heard += data
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        tapped: Any = self.transport
        tapped.sent = bytearray()
        talk = self._talk = Talk(sent=tapped.sent)

        def told(response: IResponse) -> IResponse:
            talk.tls = _tls(tapped)  # before the answer, no certificate need be there yet
            response._markwatch_talk = talk  # as Scrapy notes its own
            return response

        return super().request(request).addCallback(told)


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Agent(_ScrapyAgent):
    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        request.meta[TALK] = txresponse._markwatch_talk
        return super()._cb_bodyready(txresponse, request)


class Recorded(HTTP11DownloadHandler):
    """Scrapy's own handler, but what went over the wire is left in ``request.meta[TALK]``."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory

    async def download_request(self, request: Request) -> Response:
        """Fetch a page."""
        agent = _Agent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


def asked(request: Request) -> str:
    """Return the address that was asked for first, before redirects led elsewhere."""
    first: str = request.meta.get("redirect_urls", [request.url])[0]
    return first


def exchanged(request: Request, body: bytes) -> tuple[Exchange, bytes]:
    """Return what went over the wire for a response, and its body as received.

    Of a page from the browser only the way there is known, and ``body`` is what the browser made.
    """
    talk: Talk | None = request.meta.pop(TALK, None)
    way = Exchange(requested=asked(request), redirects=_redirects(request))
    if talk is None:
        return way, body
    head, body = _parted(bytes(talk.heard))
    sent, kept_back = _without_secrets(bytes(talk.sent))
    answer, kept_from = _without_secrets(head)
    resolved = dnscache.get(urlparse_cached(request).hostname or "")
    spoken = {
        "resolved": (resolved,) if resolved else (),
        "tls": talk.tls,
        "request": sent.decode("latin-1"),
        "response": answer.decode("latin-1"),
        "omitted": tuple(sorted(kept_back | kept_from)),
    }
    return way.model_copy(update=spoken), body


def _redirects(request: Request) -> tuple[tuple[int, str], ...]:
    reasons, urls = (request.meta.get(f"redirect_{what}", ()) for what in ("reasons", "urls"))
    return tuple((s, url) for s, url in zip(reasons, urls, strict=False) if isinstance(s, int))


def _parted(heard: bytes) -> tuple[bytes, bytes]:
    """Return head and body of the answer that counts, after interim ones (RFC 9110, 15.2)."""
    while found := _END.search(heard):
        head, body = heard[: found.end()], heard[found.end() :]
        if not _INTERIM.match(head):
            return head, body
        heard = body
    return heard, b""


def _without_secrets(head: bytes) -> tuple[bytes, set[str]]:
    """Return a head without headers that let a session be taken over, and the names of those."""
    kept, names, drop = [], set(), False
    for line in head.splitlines(keepends=True):
        if not line.startswith((b" ", b"\t")):  # a folded line belongs to the header before
            name = line.partition(b":")[0].strip().decode("latin-1").lower()
            drop = name in SECRET
            names |= {name} if drop else set()
        if not drop:
            kept.append(line)
    return b"".join(kept), names


def _tls(transport: Any) -> Tls | None:
    """Return how a connection is secured; an unchecked certificate never gets this far."""
    with suppress(AttributeError):
        certificate = transport.getPeerCertificate().to_cryptography()
        handle = transport.getHandle()
        return Tls(
            version=handle.get_protocol_version_name(),
            cipher=handle.get_cipher_name(),
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            sha256=certificate.fingerprint(SHA256()).hex(),
            verified=True,
        )
    return None
