"""Charts drawn on the server as SVG: no script, and their numbers told to screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 280, 48


class Bar(NamedTuple):
    """One column and what stands below it."""

    label: str
    value: int


def bars(values: Sequence[Bar], title: str) -> Markup:
    """Return columns side by side, the highest as tall as the chart; each tells its number."""
    top = max((bar.value for bar in values), default=0) or 1
    step = WIDTH / max(len(values), 1)
    parts = []
    for place, bar in enumerate(values):
        tall = max(round(HEIGHT * bar.value / top), 1 if bar.value else 0)
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}"><title>{} {}</title></rect>'
            ).format(place * step + 1, HEIGHT - tall, step - 2, tall, escape(bar.label), bar.value)
        )
    told = "，".join(f"{bar.label} {bar.value}" for bar in values)
    return Markup(
        '<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, f"{title}：{told}", Markup("").join(parts))
