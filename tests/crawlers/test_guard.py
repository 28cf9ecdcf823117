"""The guard's table of addresses: what must never be fetched, however it is spelt."""

import subprocess
import sys

import pytest

from crawlers.guard import is_public, literal, refuse

PRIVATE = [
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.8]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_in_every_spelling(url: str) -> None:
    assert refuse(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "ftp://example.com/",
        "data:text/html,x",
        "gopher://example.com/",
        "http://user:secret@example.com/",
        "http://example.com:22/",
        "http://example.com:99999/",
        "http:///no-host",
        "//no-scheme",
        "",
    ],
)
def test_other_schemes_ports_and_credentials_are_refused(url: str) -> None:
    assert refuse(url) is not None


@pytest.mark.parametrize(
    "url", ["https://item.example.com/1.html", "http://8.8.8.8/", "http://[2001:4860:4860::8888]/"]
)
def test_public_addresses_pass(url: str) -> None:
    assert refuse(url) is None


def test_a_practice_host_passes_by_exact_host_and_port_only() -> None:
    allowed = {"127.0.0.1:4711"}
    assert refuse("http://127.0.0.1:4711/market/", allowed) is None
    assert refuse("http://127.0.0.1:4712/", allowed) is not None
    assert refuse("http://127.1:4711/", allowed) is not None
    assert refuse("http://127.0.0.1.:4711/", allowed) is not None


@pytest.mark.parametrize(
    ("host", "address"),
    [("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("[::1]", "::1"), ("example.com", None)],
)
def test_odd_spellings_are_read_as_the_resolver_reads_them(host: str, address: str | None) -> None:
    assert literal(host) == address


def test_only_public_unicast_counts_as_public() -> None:
    assert is_public("1.1.1.1")
    assert not is_public("0.0.0.0")  # noqa: S104
    assert not is_public("ff02::1")


RESOLVE = """
import sys
from twisted.internet import asyncioreactor
asyncioreactor.install()
from twisted.internet import reactor
from twisted.internet.task import react
from crawlers.guard import GuardedResolver

def ask(reactor):
    hosts = [host for host in sys.argv[1:] if host]
    return GuardedResolver(reactor, 0, 10.0, hosts).getHostByName("localhost").addBoth(print)

react(ask)
"""


def test_a_name_that_resolves_to_a_private_address_is_as_good_as_unknown() -> None:
    def resolve(*hosts: str) -> str:
        run = subprocess.run(
            [sys.executable, "-c", RESOLVE, *hosts], capture_output=True, text=True, check=True
        )
        return run.stdout

    assert "非公网地址" in resolve()
    assert resolve("localhost:4711").strip() == "127.0.0.1"
