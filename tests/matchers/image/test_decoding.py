"""Hostile and odd files: each is refused with a reason or comes out right, within limits."""

import hashlib
import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

Saved = Callable[[], bytes]

RED, GREEN = (200, 30, 40), (30, 160, 60)
CHILD = """
import json, resource, sys, time
from matchers.image.seeing.decoding import Undecodable, decode

decode(open(sys.argv[1], "rb").read())  # what is loaded once does not count
here = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (here + 200_000_000, here + 200_000_000))
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    began = time.process_time()
    try:
        photo = decode(data)
    except Undecodable as refused:
        told = {"refused": str(refused)}
    else:
        height, width, _ = photo.pixels.shape
        told = {
            "size": [photo.width, photo.height], "shown": [width, height],
            "truncated": photo.truncated, "others": len(photo.others),
            "corners": [photo.pixels[4, 4].tolist(), photo.pixels[-5, -5].tolist()],
        }
    print(json.dumps({"path": path, "seconds": time.process_time() - began, **told}))
"""


def picture(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Red, with a green lower right half."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((width // 2, height // 2, width, height), fill=GREEN)
    return image.convert(mode)


def saved(image: Image.Image, form: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def chance(size: int) -> bytes:
    return hashlib.shake_128(b"1").digest(size)


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), chance(width * height * 3))


def png(width: int, height: int, *, depth: int = 1, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG of zeros, packed as tightly as it goes; at most 20,000 rows, whatever it promises."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    channels = {0: 1, 2: 3, 6: 4}[colour]
    row = bytes(1 + (width * depth * channels + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(min(height, 20_000))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header) + more + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )  # fmt: skip


def text_chunk(size: int) -> bytes:
    body = b"Comment\0\0" + zlib.compress(bytes(size), 9)
    return (
        struct.pack(">I", len(body))
        + b"zTXt"
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    )


def sixteen() -> bytes:
    """16 bits a pixel: dark left above, light right below."""
    dark, light = struct.pack("<H", 10 << 8), struct.pack("<H", 240 << 8)
    body = dark * 300 * 100 + (dark * 150 + light * 150) * 100
    return saved(Image.frombytes("I;16", (300, 200), body), "PNG")


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture(), "JPEG", exif=exif)


def animated(form: str, frames: int) -> bytes:
    several = [picture().rotate(number) for number in range(frames)]
    return saved(several[0], form, save_all=True, append_images=several[1:], duration=40)


def see_through() -> bytes:
    image = picture(mode="RGBA")
    image.putpixel((4, 4), (0, 0, 0, 0))
    return saved(image, "PNG")


REFUSED: dict[str, tuple[Saved, str]] = {
    "bomb of 49 KB that wants 2.3 GB": (lambda: png(20_000, 20_000), "像素过多"),
    "one that promises 2.5 gigapixels": (lambda: png(50_000, 50_000), "像素过多"),
    "bomb in true colour": (lambda: png(5_000, 5_000, depth=16, colour=6), "像素过多"),
    "bomb in a comment": (lambda: png(64, 64, more=text_chunk(90_000_000)), "损坏"),
    "progressive JPEG of 25 megapixels": (
        lambda: saved(Image.new("L", (5_000, 5_000)), "JPEG", progressive=True), "像素过多",
    ),
    "WebP of 9 megapixels": (lambda: saved(Image.new("RGB", (3_000, 3_000)), "WEBP"), "像素过多"),
    "GIF of 16 megapixels": (lambda: saved(Image.new("L", (4_000, 4_000)), "GIF"), "像素过多"),
    "empty": (lambda: b"", "空"),
    "one byte": (lambda: b"\xff", "不是"),
    "only the first bytes of a JPEG": (lambda: saved(picture(), "JPEG")[:20], "不是"),
    "HTML named .jpg": (lambda: "<!DOCTYPE html><title>请登录</title>".encode(), "网页"),
    "SVG": (lambda: b'\n<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "矢量图"),
    "EPS": (lambda: saved(picture(), "EPS"), "不是"),
    "TIFF": (lambda: saved(picture(), "TIFF"), "不是"),
    "PDF": (lambda: saved(picture(), "PDF"), "不是"),
    "PSD": (lambda: b"8BPS\0\1" + bytes(80), "不是"),
    "icon": (lambda: saved(picture(64, 64), "ICO"), "不是"),
    "zip": (lambda: b"PK\3\4" + bytes(200), "不是"),
    "random bytes behind a JPEG's first three": (
        lambda: b"\xff\xd8\xff" + chance(5_000), "",
    ),
    "PNG whose header lies about its body": (
        lambda: png(300, 200).replace(struct.pack(">II", 300, 200), struct.pack(">II", 300, 999)),
        "",
    ),
    "one pixel": (lambda: saved(Image.new("RGB", (1, 1)), "PNG"), "过小"),
    "50,000 pixels wide, one high": (lambda: png(50_000, 1), "过窄"),
    "50,000 pixels wide, 40 high: a thread": (lambda: png(50_000, 40), "过窄"),
    "more bytes than a photo has": (lambda: saved(picture(), "JPEG") + bytes(16 << 20), "过大"),
}  # fmt: skip

READ: dict[str, tuple[Saved, dict[str, Any]]] = {
    "plain JPEG": (lambda: saved(picture(), "JPEG"), {"size": [300, 200], "shown": [300, 200]}),
    "PNG": (lambda: saved(picture(), "PNG"), {"corners": [list(RED), list(GREEN)]}),
    "BMP": (lambda: saved(picture(), "BMP"), {"corners": [list(RED), list(GREEN)]}),
    "WebP": (lambda: saved(picture(), "WEBP", lossless=True), {"near": [RED, GREEN]}),
    "AVIF": (lambda: saved(picture(), "AVIF"), {"size": [300, 200]}),
    "black and white": (lambda: saved(picture(mode="1"), "PNG"), {"size": [300, 200]}),
    "palette": (lambda: saved(picture(mode="P"), "PNG"), {"size": [300, 200]}),
    "CMYK JPEG": (lambda: saved(picture(mode="CMYK"), "JPEG", quality=95), {"near": [RED, GREEN]}),
    "16 bits a pixel": (sixteen, {"corners": [[10] * 3, [240] * 3]}),
    "see-through pixels lie on white": (see_through, {"corners": [[255] * 3, list(GREEN)]}),
    "phone held upright": (lambda: turned(6), {"size": [200, 300], "shown": [200, 300]}),
    "upside down": (lambda: turned(3), {"near": [GREEN, RED]}),
    "orientation that does not exist": (lambda: turned(77), {"size": [300, 200]}),
    "12 megapixels of a phone": (
        lambda: saved(picture(4_000, 3_000), "JPEG"), {"size": [4000, 3000], "shown": [1024, 768]},
    ),
    "48 megapixels of a phone": (
        lambda: saved(Image.new("RGB", (8_000, 6_000), RED), "JPEG"), {"shown": [1024, 768]},
    ),
    "12 megapixels of a screen, 10,000 pixels high": (
        lambda: saved(picture(1_200, 10_000), "PNG"), {"shown": [123, 1024]},
    ),
    "animated GIF": (lambda: animated("GIF", 9), {"others": 2, "near": [RED, GREEN]}),
    "animated WebP": (lambda: animated("WEBP", 9), {"others": 2}),
    "animated PNG": (lambda: animated("PNG", 2), {"others": 1}),
    "GIF of 500 frames": (lambda: animated("GIF", 500), {"others": 2}),
    "truncated JPEG": (lambda: saved(noise(300, 200), "JPEG")[:-9_000], {"truncated": True}),
    "truncated PNG": (lambda: saved(noise(300, 200), "PNG")[:-90_000], {"truncated": True}),
    "truncated GIF": (lambda: animated("GIF", 9)[:-2_000], {"size": [300, 200]}),
    "a web page behind a picture": (
        lambda: saved(picture(), "JPEG") + b"<script>alert(1)</script>", {"size": [300, 200]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process that may take 200 MB more than it has says of every file, by name."""
    folder = tmp_path_factory.mktemp("files")
    plain = folder / "plain"
    plain.write_bytes(saved(picture(), "JPEG"))
    paths = {}
    for number, (name, (make, _)) in enumerate([*REFUSED.items(), *READ.items()]):
        paths[str(folder / str(number))] = name
        (folder / str(number)).write_bytes(make())
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", CHILD, plain, *paths],
        capture_output=True, text=True, cwd=root, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()[1:]]
    return {paths[answer["path"]]: answer for answer in answers}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_harm_or_is_no_picture_is_refused_with_a_reason(
    name: str, told: dict[str, dict[str, Any]]
) -> None:
    assert REFUSED[name][1] in told[name]["refused"]
    assert "MemoryError" not in told[name]["refused"]


@pytest.mark.parametrize("name", READ)
def test_what_is_odd_comes_out_right(name: str, told: dict[str, dict[str, Any]]) -> None:
    answer, expected = told[name], dict(READ[name][1])
    for seen, wanted in zip(
        answer["corners"], expected.pop("near", answer["corners"]), strict=True
    ):
        assert max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) < 25
    assert {key: answer[key] for key in expected} == expected


def test_no_file_takes_a_second_of_the_processor(told: dict[str, dict[str, Any]]) -> None:
    assert {name: one["seconds"] for name, one in told.items() if one["seconds"] >= 1} == {}
