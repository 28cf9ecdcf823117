"""Charts drawn on the server as SVG: no script, and their numbers told to screen readers.

Colours are those of the classes in ``static/night.css``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 280, 48
_FEWEST = 8
"""Columns are no wider than if there were so many."""


class Bar(NamedTuple):
    """One column and what stands below it."""

    label: str
    value: int


class Part(NamedTuple):
    """A part of a whole: its class names its colour."""

    label: str
    value: int
    kind: str


def bars(
    values: Sequence[Bar],
    title: str,
    width: int = WIDTH,
    height: int = HEIGHT,
    *,
    now: bool = False,
) -> Markup:
    """Return columns side by side, the highest as tall as the chart; each tells its number.

    With ``now`` the last column stands out: the others are what it is compared with.
    """
    top = max((bar.value for bar in values), default=0) or 1
    step = width / max(len(values), _FEWEST)
    gap = min(2.0, step / 4)
    rows = []
    for place, bar in enumerate(values):
        tall = max(round(height * bar.value / top), 1)
        kind = "now" if now and place == len(values) - 1 else "then"
        rows.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="1">'
                "<title>{} {}</title></rect>"
            ).format(
                kind if bar.value else "nothing",
                place * step + gap / 2,
                height - tall,
                step - gap,
                tall,
                escape(bar.label),
                bar.value,
            )
        )
    told = "，".join(f"{bar.label} {bar.value}" for bar in values)
    return _svg("bars", width, height, f"{title}：{told}", rows)


def stack(parts: Sequence[Part], title: str, width: int = WIDTH, height: int = 14) -> Markup:
    """Return one bar, divided as its parts are to each other; every part there is can be seen."""
    shown = [part for part in parts if part.value]
    total = sum(part.value for part in shown) or 1
    widths = [max(width * part.value / total, 3.0) for part in shown]
    scale = width / (sum(widths) or 1)
    rows, at = [], 0.0
    for part, wide in zip(shown, widths, strict=True):
        rows.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="0" width="{:.1f}" height="{}">'
                "<title>{} {}</title></rect>"
            ).format(part.kind, at, wide * scale, height, part.label, part.value)
        )
        at += wide * scale
    told = "，".join(f"{part.label} {part.value}" for part in shown) or "无"
    return _svg("shares", width, height, f"{title}：{told}", rows)


def meter(value: float, usual: float | None, top: float, title: str) -> Markup:
    """Return a bar from the left, with a line where it usually ends."""
    width, height, full = WIDTH, 14, top or 1
    rows = [
        Markup('<rect class="then" x="0" y="3" width="{:.1f}" height="{}" rx="1"></rect>').format(
            width * min(value / full, 1), height - 6
        )
    ]
    told = f"{title}：{value:g}"
    if usual is not None:
        at = 1 + (width - 2) * min(usual / full, 1)
        rows.append(
            Markup('<line class="usual" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"></line>').format(
                at, height
            )
        )
        told += f"，平常 {usual:g}"
    return _svg("meter", width, height, told, rows)


def _svg(kind: str, width: int, height: int, told: str, rows: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>'
    ).format(kind, width, height, told, Markup("").join(rows))
