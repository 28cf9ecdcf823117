"""The browser's wall, spoken to over raw sockets: what it lets through, and to whom."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from crawlers.egress import LARGEST_HEAD, Egress

PATIENCE = 20.0
"""Seconds after which a test that waits for the wall has failed."""


@dataclass
class Server:
    """A loopback server that keeps what it is sent, and answers each connection once."""

    socket: socket.socket
    answer: bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"
    until: bytes = b"\r\n\r\n"
    """How what is sent ends."""
    heard: list[bytes] = field(default_factory=list)

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):  # closed at the end of the test
            while True:
                peer, _ = self.socket.accept()
                with peer, suppress(OSError):
                    peer.settimeout(PATIENCE)
                    sent = b""
                    while not sent.endswith(self.until) and (chunk := peer.recv(65536)):
                        sent += chunk
                    self.heard.append(sent)
                    peer.sendall(self.answer)


@dataclass
class Wall:
    """An egress that runs in a thread of its own."""

    egress: Egress
    port: int

    def connect(self) -> socket.socket:
        peer = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        peer.settimeout(PATIENCE)
        return peer

    def ask(self, *sent: bytes) -> bytes:
        """Send bytes and return all that comes back until the wall closes."""
        with self.connect() as peer:
            back = b""
            with suppress(ConnectionError):
                for data in sent:
                    peer.sendall(data)
                while chunk := peer.recv(65536):
                    back += chunk
            return back


@pytest.fixture
def server() -> Iterator[Server]:
    listening = Server(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=listening.serve)
    thread.start()
    yield listening
    listening.socket.shutdown(socket.SHUT_RDWR)
    thread.join()
    listening.socket.close()


@pytest.fixture
def wall() -> Iterator[Callable[..., Wall]]:
    """Raise walls; the domains are the loopback host and an invented shop unless given."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    raised: list[Egress] = []

    def run(coroutine: object) -> object:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(PATIENCE)  # type: ignore[arg-type]

    def build(*practice: str, domains: tuple[str, ...] = (), **limits: float) -> Wall:
        domains = domains or ("127.0.0.1", "localhost", "shop.example")
        egress = Egress(domains, practice, **limits)  # type: ignore[arg-type]
        url = run(egress.open())
        raised.append(egress)
        return Wall(egress, int(str(url).rpartition(":")[2]))

    yield build
    for egress in raised:
        run(egress.close())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def get(url: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {url} HTTP/1.1", *headers, "", ""]).encode()


def tunnel(pair: str) -> bytes:
    return f"CONNECT {pair} HTTP/1.1\r\nHost: {pair}\r\n\r\n".encode()


INSIDE = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[fe80::1]",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", INSIDE)
def test_a_private_address_is_reached_in_no_spelling(wall: Callable[..., Wall], host: str) -> None:
    built = wall(domains=(host.strip("[]"), "127.0.0.1"))
    assert built.ask(get(f"http://{host}/")) == b""
    assert built.ask(tunnel(f"{host}:443")) == b""
    assert built.ask(tunnel(f"{host}:80")) == b""
    assert len(built.egress.denied) == 3
    assert all("不是公网地址" in reason for reason in built.egress.denied)


def test_a_name_that_resolves_inside_is_not_reached(wall: Callable[..., Wall]) -> None:
    built = wall()
    assert built.ask(get("http://localhost/")) == b""
    assert built.ask(tunnel("localhost:443")) == b""
    assert len(built.egress.denied) == 2
    assert all("localhost 解析到非公网地址" in reason for reason in built.egress.denied)


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """Make the system resolve names to one list of addresses after the other; list who asked."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        addresses = rounds[min(len(asked), len(rounds)) - 1]
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_one_private_answer_among_public_ones_refuses_the_name(
    wall: Callable[..., Wall], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = wall()
    with built.connect() as peer, monkeypatch.context() as patched:
        answers(patched, ["93.184.216.34", "10.0.0.8"])
        peer.sendall(tunnel("shop.example:443"))
        assert peer.recv(100) == b""
    assert built.egress.denied == ["拒绝访问：shop.example 解析到非公网地址 10.0.0.8"]


def test_a_name_is_resolved_once_and_that_very_answer_is_reached(
    wall: Callable[..., Wall], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.pair.rpartition(":")[2]
    built = wall(f"shop.example:{port}")
    with built.connect() as peer, monkeypatch.context() as patched:
        asked = answers(patched, ["127.0.0.1"], ["10.0.0.8"])
        peer.sendall(get(f"http://shop.example:{port}/"))
        assert peer.recv(4096).endswith(b"hello")
    assert asked == ["shop.example"]
    assert built.egress.peers == {f"shop.example:{port}": "127.0.0.1"}


def test_a_practice_host_passes_by_exact_host_and_port_only(
    wall: Callable[..., Wall], server: Server
) -> None:
    port = server.pair.rpartition(":")[2]
    neighbour = socket.create_server(("127.0.0.1", 0))
    with neighbour:
        built = wall(server.pair)
        assert built.ask(get(f"http://{server.pair}/")).endswith(b"hello")
        refused = [f"127.0.0.1:{neighbour.getsockname()[1]}", f"localhost:{port}", f"127.1:{port}"]
        for pair in refused:
            assert built.ask(get(f"http://{pair}/"), get(f"http://{pair}/")) == b""
            assert built.ask(tunnel(pair)) == b""
        neighbour.setblocking(False)
        with pytest.raises(BlockingIOError):
            neighbour.accept()
    assert len(built.egress.denied) == 2 * len(refused)
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "myshop.example", "shop.example.evil.test", "example", "shop.example."]
)
def test_only_the_site_s_own_domains_are_reached(wall: Callable[..., Wall], host: str) -> None:
    built = wall()
    assert built.ask(tunnel(f"{host}:443")) == b""
    assert built.egress.denied == [f"拒绝访问：{host} 不在本站允许的范围内"]


def test_the_browser_s_own_errands_are_refused_and_are_no_news(wall: Callable[..., Wall]) -> None:
    built = wall()
    assert built.ask(tunnel("update.googleapis.com:443")) == b""
    assert built.egress.denied == []


def test_a_tunnel_carries_both_ways(wall: Callable[..., Wall], server: Server) -> None:
    server.until = b"anything"
    built = wall(server.pair)
    with built.connect() as peer:
        peer.sendall(tunnel(server.pair))
        assert peer.recv(4096) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        peer.sendall(b"\x16\x03\x01 anything")
        back = b""
        while chunk := peer.recv(4096):
            back += chunk
    assert server.heard == [b"\x16\x03\x01 anything"]
    assert back == server.answer


def test_a_request_is_passed_on_as_the_server_expects_it(
    wall: Callable[..., Wall], server: Server
) -> None:
    server.until = b"body"
    built = wall(server.pair)
    head = (
        f"POST http://{server.pair}/api?q=%E9%86%8B#x HTTP/1.1\r\nHost: elsewhere.example\r\n"
        "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic c2VjcmV0\r\n"
        "Connection: Upgrade\r\nUpgrade: h2c\r\nX-Kept: yes\r\nContent-Length: 4\r\n\r\n"
    )
    assert built.ask(head.encode() + b"body").endswith(b"hello")
    (heard,) = server.heard
    assert (
        heard
        == (
            f"POST /api?q=%E9%86%8B HTTP/1.1\r\nHost: {server.pair}\r\nConnection: close\r\n"
            "X-Kept: yes\r\nContent-Length: 4\r\n\r\nbody"
        ).encode()
    )


def test_nothing_follows_the_first_request_of_a_connection(
    wall: Callable[..., Wall], server: Server
) -> None:
    built = wall(server.pair)
    built.ask(get(f"http://{server.pair}/first") + get("http://127.0.0.1:1/second"))
    (heard,) = server.heard
    assert b"second" not in heard


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01 no proxy request\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET https://shop.example/ HTTP/1.1\r\n\r\n",
        b"GET file:///etc/hostname HTTP/1.1\r\n\r\n",
        b"GET http://shop.example:0/ HTTP/1.1\r\n\r\n",
        b"GET http://shop.example:99999/ HTTP/1.1\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\n\r\n",
        b"GET http://user:secret@shop.example/ HTTP/1.1\r\n\r\n",
        b"GET http:///nowhere HTTP/1.1\r\n\r\n",
        b"CONNECT shop.example:22 HTTP/1.1\r\n\r\n",
        b"CONNECT shop.example:443@127.0.0.1:443 HTTP/1.1\r\n\r\n",
        b"CONNECT  HTTP/1.1\r\n\r\n",
        b"CONNECT \xff\xfe\x00:443 HTTP/1.1\r\n\r\n",
        b"POST http://shop.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST http://shop.example/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST http://shop.example/ HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_clean_request_is_refused_and_told(
    wall: Callable[..., Wall], head: bytes
) -> None:
    built = wall()
    assert built.ask(head) == b""
    assert len(built.egress.denied) == 1


def test_a_head_without_end_is_not_read_to_the_end(
    wall: Callable[..., Wall], server: Server
) -> None:
    built = wall(server.pair)
    endless = get(f"http://{server.pair}/", "X: " + "x" * 2 * LARGEST_HEAD)
    assert built.ask(endless) == b""
    assert server.heard == []
    assert built.ask(get(f"http://{server.pair}/")).endswith(b"hello")  # and it still serves


def test_whoever_falls_silent_is_let_go(wall: Callable[..., Wall]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        pair = f"127.0.0.1:{silent.getsockname()[1]}"
        built = wall(pair, idle=0.2)
        assert built.ask(b"GET ") == b""
        assert built.ask(get(f"http://{pair}/")) == b""
        assert built.ask(tunnel(pair)).endswith(b"established\r\n\r\n")


def test_a_connection_that_brings_too_much_is_cut(
    wall: Callable[..., Wall], server: Server
) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(300_000)
    built = wall(server.pair, largest=100_000)
    assert len(built.ask(get(f"http://{server.pair}/"))) <= 100_000
    assert built.egress.denied == ["127.0.0.1 的内容超过大小上限，已中止"]


def test_a_server_that_is_not_there_is_told(wall: Callable[..., Wall]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        pair = f"127.0.0.1:{gone.getsockname()[1]}"
    built = wall(pair)
    assert built.ask(get(f"http://{pair}/")) == b""
    assert built.egress.denied == [f"无法连接 {pair}"]
