"""A server that answers as a test says, and the crawl command run on it: nothing is a stand-in."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest

from leads.model import Listing, Visit
from leads.store import open_store
from practice.settle import settle

ROOT = Path(__file__).parent.parent.parent

PEAK = "VmHWM:"
MEASURED = f"""
import atexit, sys
sys.modules["rapidocr"] = None  # as where it is not installed: what pictures show is not asked here
from console.cli import main
status = open("/proc/self/status").read
atexit.register(lambda: sys.stderr.write(next(l for l in status().splitlines() if {PEAK!r} in l)))
main()
"""
"""The command, telling in the end its memory at its largest: of a child that was waited for, the
system counts what its parent had before."""

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Loopback:
    """A market on loopback that answers what it is told to, and remembers who asked for what."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    """Path to answer; any other path is not found."""
    asked: list[tuple[float, str]] = field(default_factory=list)
    """When (seconds, monotonic) and which path, query left out."""

    def times(self, path: str) -> list[float]:
        """Return when a path was asked for."""
        return [moment for moment, asked in self.asked if asked == path]

    def page(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        """Answer a path with a body; ``Content_Type`` and the like may be given."""
        content = body.encode() if isinstance(body, str) else body
        named = {"Content_Type": "text/html; charset=utf-8", **headers}

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in named.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)

        self.answers[path] = answer

    def item(self, ref: str, picture: str | None = None, shop: str | None = None) -> None:
        """Answer ``/market/ref`` with an honest item."""
        product = {
            "@type": "Product",
            "name": f"演练商品{ref}",
            "sku": ref,
            "image": [picture] if picture else [],
            "offers": {
                "@type": "Offer",
                "price": "12.50",
                "priceCurrency": "CNY",
                "seller": {"name": "演练店", "url": shop},
            },
            "additionalProperty": [{"@type": "PropertyValue", "name": "产地", "value": "演练县"}],
        }
        script = f'<script type="application/ld+json">{json.dumps(product)}</script>'
        self.page(f"/market/{ref}", f"<html><head>{script}</head><body>{ref}</body></html>")

    def results(self, *refs: str, **addresses: str) -> None:
        """Answer ``/market/search`` with results at ``/market/ref``, or at an address of theirs."""
        auctions = [
            {
                "nid": ref,
                "raw_title": f"演练商品{ref}",
                "detail_url": address,
                "view_price": "12.50",
                "nick": "演练店",
                "user_id": "1",
            }
            for ref, address in ({ref: f"/market/{ref}" for ref in refs} | addresses).items()
        ]
        config = json.dumps({"mods": {"itemlist": {"data": {"auctions": auctions}}}})
        self.page("/market/search", f"<html><script>g_page_config = {config};</script></html>")


class Server(ThreadingHTTPServer):
    request_queue_size = 64  # with fewer, a connection waits a second for its second try


@pytest.fixture(scope="module")
def loopback() -> Iterator[Callable[[], Loopback]]:
    """Start servers, each on a port of its own."""
    servers: list[ThreadingHTTPServer] = []

    def start() -> Loopback:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                market.asked.append((time.monotonic(), path))
                answer = market.answers.get(path)
                if answer is None:
                    self.send_error(404)
                    return
                try:
                    answer(self)
                except ConnectionError:  # the crawler has heard enough, as it should
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = Server(("127.0.0.1", 0), Handler)
        servers.append(server)
        market = Loopback(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return market

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@dataclass
class Crawl:
    """How a crawl ended, and what it left in the store."""

    code: int
    stdout: str
    stderr: str
    peak: int
    """Memory of the process at its largest, in bytes."""
    listings: dict[str, Listing]
    visits: dict[str, Visit]
    """By path of the address."""


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Crawl]:
    """Run ``markwatch crawl practice-market`` on a server.

    The site's entry may get more lines, or others instead; the command other words; and the process
    a death of its own choice, as code that runs first. One right is watched: what is tested here is
    the way to the listings.
    """

    def run(
        market: Loopback,
        entry: str = "",
        folder: Path | None = None,
        instead: Mapping[str, str] = MappingProxyType({}),
        words: Sequence[str] = ("practice-market",),
        death: str = "",
    ) -> Crawl:
        folder = folder or tmp_path_factory.mktemp("crawl")
        config = settle(ROOT / "config", folder / "config", market.url, market=0, fair=0)
        for folder_of in ("rights", "users", "campaigns", "fairs"):
            for file in config.glob(f"{folder_of}/*"):
                if file.stem != "gi-shanxi-laochencu":
                    file.unlink()
        site = config / "sites" / "practice-market.toml"
        text = site.read_text(encoding="utf-8") + entry
        for old, new in instead.items():
            text = text.replace(old, new)
        site.write_text(text, encoding="utf-8")
        store = f"sqlite:///{folder / 'markwatch.db'}"
        command = [sys.executable, "-c", death + MEASURED, "crawl", *words]
        where = ["--config", config, "--store", store, "--vault", folder / "vault"]
        done = subprocess.run(
            [*command, *map(str, where)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={"MARKWATCH_CHROMIUM": "", **os.environ},  # no browser unless a test names one
        )
        complained, _, peak = done.stderr.rpartition(PEAK) if not death else (done.stderr, "", "0")
        assert "Traceback" not in complained, complained
        with open_store(store) as kept:
            return Crawl(
                done.returncode,
                done.stdout,
                complained,
                int(peak.split()[0]) * 1024,
                {listing.ref or "": listing for listing in kept.listings()},
                {urlsplit(visit.url).path: visit for visit in kept.visits()},
            )

    return run
