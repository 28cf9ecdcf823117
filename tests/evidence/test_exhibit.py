"""Pictures are told by their first bytes, whatever a server calls them."""

import pytest

from evidence.exhibit import picture_type


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", "gif"),
        (b"BM\x00", "bmp"),
        (b"RIFF\n\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x1cftypavif", "avif"),
        (b"\x00\x00\x00\x1cftypavis", "avif"),
        (b"\x00\x00\x00\x1cftypmp42", None),
        (b"<svg xmlns=", None),
        (b"II*\x00", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_picture_is_told_by_its_first_bytes(body: bytes, ending: str | None) -> None:
    assert picture_type(body) == ending
