"""``report.html`` of a night: one file that shows everything without asking anybody for anything.

Needs Jinja2, which comes with the extra ``console``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.night.view import shown
from evidence.shown import shortened, spelt
from leads.beijing import BEIJING
from leads.nights import Night

_WEB = Path(__file__).parent.parent / "web"


def report(night: Night, before: Sequence[Night]) -> str:
    """Return the page; ``before`` are the nights it is compared with, oldest first."""
    style = "".join(
        (_WEB / "static" / name).read_text(encoding="utf-8") for name in ("style.css", "night.css")
    )
    template = _TEMPLATES.get_template("nights_report.html")
    # Our own style sheets: no text from outside is in them.
    return template.render(**shown(night, before), style=Markup(style), linked=False)  # noqa: S704


def _text(value: str | None, most: int = 2000) -> str:
    return spelt(shortened(value or "", most))


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M}"


_TEMPLATES = Environment(
    loader=FileSystemLoader(_WEB / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"text": _text, "when": _when}
