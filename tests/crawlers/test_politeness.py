"""What a Retry-After header asks for, in every form that servers write."""

from datetime import UTC, datetime

import pytest

from crawlers.politeness import seconds

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, 0),
        (b"", 0),
        (b"0", 0),
        (b"1", 1),
        (b" 120 ", 120),
        (b"9" * 40, 999_999_999),
        (b"Sun, 22 Nov 2026 01:31:30 GMT", 90),
        (b"Sunday, 22-Nov-26 01:31:30 GMT", 90),
        (b"Sun Nov 22 01:31:30 2026", 90),
        (b"Sun, 22 Nov 2026 09:31:30 +0800", 90),
        (b"Sun, 22 Nov 2026 01:00:00 GMT", 0),
        (b"-5", 0),
        (b"1.5", 0),
        (b"soon", 0),
        (b"\xff\xfe", 0),
        ("１２".encode(), 0),
        (b"Sun, 99 Nov 2026 01:31:30 GMT", 0),
        (b"Sun, 22 Nov 99999 01:31:30 GMT", 0),
    ],
)
def test_a_pause_is_what_the_header_asks_for(header: bytes | None, pause: float) -> None:
    assert seconds(header, NOW) == pause
