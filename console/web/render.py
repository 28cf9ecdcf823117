"""Templates and the words in them: text from outside goes through here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from console.web.guard import form_token, office_of
from console.web.people import ROLE_ZH, Role
from evidence.shown import marked as marked_html
from evidence.shown import shortened, spelt
from evidence.summary import FIELD_ZH
from leads.beijing import BEIJING
from leads.fields import CHOICES, FACETS_ZH, MATCHER_ZH
from leads.model import DOOR_ZH, VERDICT_ZH, Hit, Price, Span, State, Triage

HERE = Path(__file__).parent
_CHOSEN: dict[str, dict[str, tuple[str, ...]]] = {
    **{field.value: words for field, words in CHOICES.items()},
    "matcher": {name: (name, zh) for name, zh in MATCHER_ZH.items()},
}
_LONGEST = 2000
"""Characters of a text that a page shows."""


def page(request: Request, template: str, status: int = 200, **shown: Any) -> Response:
    """Return a page; every page knows who looks at it and carries the token of its forms."""
    office = office_of(request)
    text = _TEMPLATES.get_template(template).render(
        person=getattr(request.state, "person", None),
        team=office.place.team,
        token=form_token(request),
        path=request.url.path,
        here=_here(request),
        told=office.told.pop(form_token(request), None),
        undo=office.undoable(form_token(request)),
        **shown,
    )
    return HTMLResponse(text, status)


def _here(request: Request) -> str:
    """Return the address of this page, for forms to come back to."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def text(value: str | None, most: int = _LONGEST) -> str:
    """Return text from outside as it may be shown: hidden characters spelt out, cut if long."""
    return spelt(shortened(value or "", most))


def marked(value: str, spans: Iterable[Span]) -> Markup:
    """Return text from outside with spans marked; escaped."""
    return Markup(marked_html(value[:_LONGEST], spans))  # noqa: S704 - marked() escapes


def spans(hits: Iterable[Hit], field: str) -> list[Span]:
    """Return where in a field the hits lie."""
    return [span for hit in hits for span in hit.spans if span.field == field]


def when(moment: datetime | date | None) -> str:
    """Return a time in Beijing, or a day."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    return moment.isoformat() if moment else ""


def money(price: Price | None) -> str:
    """Return a price as officers write it."""
    if price is None:
        return ""
    amount = str(price.min) if price.min == price.max else f"{price.min}–{price.max}"
    return f"¥{amount}" if price.currency == "CNY" else f"{amount} {price.currency}"


def word(field: str, code: str, names: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return the Chinese word for a code of a field; the code itself where there is none."""
    chosen = _CHOSEN.get(field, {}).get(code)
    return (names or {}).get(field, {}).get(code) or (chosen[-1] if chosen else code)


def link(path: str, **query: str | None) -> str:
    """Return an address of ours with a query; empty parts are left out."""
    asked = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path


_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"text": text, "marked": marked, "when": when, "money": money}
_TEMPLATES.globals |= {
    "spans": spans,
    "word": word,
    "link": link,
    "FIELD_ZH": FIELD_ZH,
    "FACETS_ZH": FACETS_ZH,
    "State": State,
    "Triage": Triage,
    "Role": Role,
    "ROLE_ZH": ROLE_ZH,
    "VERDICT_ZH": {verdict.value: zh for verdict, zh in VERDICT_ZH.items()},
    "DOOR_ZH": DOOR_ZH,
}
