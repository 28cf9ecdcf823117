"""What went over the wire is in the record of every capture, byte for byte."""

from __future__ import annotations

import gzip
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawlers.wire import _parted, _without_secrets
from evidence.vault import Vault
from evidence.warc import warc
from leads.model import Evidence, Session

ITEM = """<html><head><script type="application/ld+json">{"@type": "Product",
"name": "演练商品7001", "sku": "7001", "offers": {"@type": "Offer", "price": "12.50"}}</script>
</head></html>""".encode()


def chunked(request: BaseHTTPRequestHandler) -> None:
    """Answer compressed, in chunks, with a cookie."""
    packed = gzip.compress(ITEM, mtime=0)
    request.protocol_version = "HTTP/1.1"
    request.send_response(200)
    request.send_header("Content-Type", "text/html; charset=utf-8")
    request.send_header("content-ENCODING", "gzip")
    request.send_header("Transfer-Encoding", "chunked")
    request.send_header("Set-Cookie", "session=secret")
    request.end_headers()
    for part in (packed[:10], packed[10:]):
        request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    request.wfile.write(b"0\r\n\r\n")


def moved(request: BaseHTTPRequestHandler) -> None:
    request.send_response(302)
    request.send_header("Location", "/market/7001-new")
    request.send_header("Content-Length", "0")
    request.end_headers()


def record_of(done: Any, folder: Path) -> tuple[Vault, Evidence]:
    vault = Vault(folder / "vault")
    return vault, vault.record(done.listings["7001"].capture)


@pytest.mark.night
def test_request_answer_redirects_and_circumstances_are_in_the_record(
    loopback: Callable[[], Any], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    market = loopback()
    market.results("7001")
    market.answers["/market/7001"] = moved
    market.answers["/market/7001-new"] = chunked
    done = crawl(market, folder=tmp_path)
    assert done.code == 0, done.stderr
    vault, record = record_of(done, tmp_path)
    exchange = record.exchange
    assert exchange
    assert vault.bytes(record) == ITEM
    assert exchange.requested == f"{market.url}/market/7001"
    assert exchange.redirects == ((302, f"{market.url}/market/7001"),)
    assert exchange.request.startswith("GET /market/7001-new HTTP/1.1\r\n")
    assert exchange.request.endswith("\r\n\r\n")
    assert "content-ENCODING: gzip\r\n" in exchange.response
    assert exchange.response.startswith("HTTP/1.1 200 OK\r\n")
    assert exchange.omitted == ("set-cookie",)
    assert "secret" not in str(record)
    assert exchange.body
    body = vault.bytes(exchange.body)
    assert body.endswith(b"\r\n0\r\n\r\n")
    assert body.startswith(b"a\r\n\x1f\x8b")
    assert (record.peer, exchange.tls) == ("127.0.0.1", None)

    session = Session.model_validate_json(vault.bytes(record.session or ""))
    assert session.mode == "machine"
    assert session.clock.fault == "没有配置时间服务器"
    facts = dict(session.environment)
    assert facts["证书校验"] == "校验"
    assert len(facts["配置的 SHA-256"]) == 64
    vault.custody.check()

    from warcio.archiveiterator import ArchiveIterator

    whole = tmp_path / "one.warc"
    whole.write_bytes(warc(record, exchange, body))
    with whole.open("rb") as stream:
        answer, asked, told = (
            (r.rec_type, r.content_stream().read()) for r in ArchiveIterator(stream)
        )
    assert answer == ("response", ITEM)
    assert asked[0] == "request"
    assert record.id.encode() in told[1]


@pytest.mark.night
def test_a_pictures_bytes_are_kept_once_though_it_came_over_the_wire_as_well(
    loopback: Callable[[], Any], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    market = loopback()
    market.results("7001")
    market.item("7001", picture=f"{market.url}/market/p.png")
    market.page("/market/p.png", b"\x89PNG\r\n\x1a\n" + bytes(500), Content_Type="image/png")
    done = crawl(market, folder=tmp_path)
    vault = Vault(tmp_path / "vault")
    (record,) = vault.records(done.listings["7001"].pictures[0].sha256)
    assert record.exchange
    assert record.exchange.body is None
    assert "image/png" in record.exchange.response


@pytest.mark.night
@pytest.mark.parametrize("known", [True, False])
def test_a_servers_certificate_is_in_the_record_and_an_unknown_one_ends_the_visit(
    loopback: Callable[[], Any],
    crawl: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=practice",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    market = loopback()
    market.results("7001")
    market.item("7001")

    class Secure(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = market.answers.get(self.path.partition("?")[0])
            if answer:
                answer(self)
            else:
                self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Secure)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    market.url = f"https://127.0.0.1:{server.server_address[1]}"
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    done = crawl(market, folder=tmp_path / "crawl")
    server.shutdown()
    server.server_close()
    if not known:
        assert done.code == 1
        assert done.listings == {}
        return
    _, record = record_of(done, tmp_path / "crawl")
    assert record.exchange
    tls = record.exchange.tls
    assert tls
    assert tls.verified
    assert tls.version.startswith("TLSv1")
    shown = subprocess.run(
        ["openssl", "x509", "-in", tmp_path / "cert.pem", "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert tls.sha256 == shown.stdout.strip().rpartition("=")[2].replace(":", "").lower()
    assert tls.subject == "CN=practice"


OK = b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("heard", "head", "body"),
    [
        (OK + b"x\r\n\r\ny", OK, b"x\r\n\r\ny"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"x", OK, b"x"),
        (b"HTTP/1.0 200 OK\n\nx", b"HTTP/1.0 200 OK\n\n", b"x"),
        (OK, OK, b""),
        (b"nonsense", b"nonsense", b""),
        (b"", b"", b""),
    ],
)
def test_head_and_body_are_told_apart(heard: bytes, head: bytes, body: bytes) -> None:
    assert _parted(heard) == (head, body)


def test_folded_and_oddly_written_secrets_are_left_out() -> None:
    head = b"HTTP/1.1 200 OK\r\nSET-cookie : a=1;\r\n more\r\nDate: x\r\nCookie:b\r\n\r\n"
    assert _without_secrets(head) == (
        b"HTTP/1.1 200 OK\r\nDate: x\r\n\r\n",
        {"set-cookie", "cookie"},
    )
