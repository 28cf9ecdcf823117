"""The machine's clock is compared with a time server's: a real one, on loopback, of any mood."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from evidence.clock import check

Answer = Callable[[bytes], bytes | None]


def stamp(moment: float) -> bytes:
    whole = int(moment)
    return struct.pack(">LL", whole + 2_208_988_800, int((moment - whole) * 2**32))


def honest(question: bytes, ahead: float = 0, first: int = 0x24, stratum: int = 1) -> bytes:
    now = stamp(time.time() + ahead)
    return bytes([first, stratum]) + bytes(22) + question[40:48] + now + now


@pytest.fixture
def server() -> Iterator[Callable[[Answer], str]]:
    lines: list[socket.socket] = []

    def start(answer: Answer) -> str:
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind(("127.0.0.1", 0))
        lines.append(line)

        def serve() -> None:
            question, asker = line.recvfrom(512)
            said = answer(question)
            if said is not None:
                line.sendto(said, asker)

        threading.Thread(target=serve, daemon=True).start()
        return f"127.0.0.1:{line.getsockname()[1]}"

    yield start
    for line in lines:
        line.close()


@pytest.mark.parametrize("ahead", [0.0, 3600.0, -90.5])
def test_a_clock_that_is_off_is_measured(server: Callable[[Answer], str], ahead: float) -> None:
    told = check(server(lambda question: honest(question, ahead)))
    assert told.fault is None
    assert told.offset == pytest.approx(ahead, abs=0.5)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda question: None, "没有应答"),
        (lambda question: b"", "不合规则"),
        (lambda question: b"nonsense" * 10, "不合规则"),
        (lambda question: honest(bytes(48)), "不合规则"),  # an answer to another's question
        (lambda question: honest(question, first=0x23), "不合规则"),
        (lambda question: honest(question, stratum=0), "不合规则"),  # kiss of death
    ],
)
def test_an_answer_that_is_none_is_a_fault(
    server: Callable[[Answer], str], answer: Answer, fault: str
) -> None:
    told = check(server(answer), seconds=0.3)
    assert told.offset is None
    assert fault in (told.fault or "")


def test_without_a_server_that_is_told() -> None:
    assert check(None).fault == "没有配置时间服务器"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "无法访问" in (check(f"127.0.0.1:{port}", 0.3).fault or "")
