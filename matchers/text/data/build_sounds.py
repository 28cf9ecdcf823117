"""Builds sounds.txt: how the characters of GB2312 are read, without tones.

Run ``python matchers/text/data/build_sounds.py``; readings are those of pypinyin (MIT), the usual
one first, three at most.
"""

from __future__ import annotations

from pathlib import Path

from pypinyin import Style, pinyin

HEADER = """\
# Readings of characters without tones, the usual one first; made by build_sounds.py from pypinyin
# (MIT, Copyright (c) 2016 mozillazg and others). One reading a line, then the characters it is the
# first, the second and the third reading of."""


def characters() -> list[str]:
    """Return the characters of GB2312."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [c for pair in cells if (c := pair.decode("gb2312", "ignore"))]


def main() -> None:
    """Write sounds.txt."""
    table: dict[str, list[str]] = {}
    for char in characters():
        readings = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=False)[0]
        for rank, reading in enumerate(dict.fromkeys(readings)):
            if rank < 3:
                table.setdefault(reading, ["", "", ""])[rank] += char
    lines = [
        " ".join((reading, *(part or "-" for part in parts))) for reading, parts in table.items()
    ]
    path = Path(__file__).parent / "sounds.txt"
    path.write_text("\n".join((HEADER, *sorted(lines), "")), "utf-8")


if __name__ == "__main__":
    main()
