"""What helps with searching: completion of what is typed, and searches kept under a title."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web.asking import completions
from console.web.guard import allowed, office_of
from console.web.office import Office
from console.web.pages.judging import back
from console.web.people import Person, Role
from console.web.render import link, page
from leads.fields import FACETS

ALL = ""
"""Owner of the searches that everybody is offered."""
_LONGEST = 1000
_VALUES = 200
"""Values of a field that can be offered."""


async def complete(request: Request, person: Person) -> Response:
    """Offer what may follow; an empty list where nothing can be said."""
    office = office_of(request)
    typed = request.query_params.get("q", "")[:_LONGEST]
    counts = office.counts.facets(office.asked("", person), FACETS, _VALUES).counts
    return page(request, "completions.html", offered=completions(typed, counts, office.names))


def saved(office: Office, person: Person) -> dict[str, list[tuple[str, str]]]:
    """Return a person's own searches and those for all, title and query."""
    return {
        "own": office.people.searches(person.name),
        "shared": office.people.searches(ALL),
    }


async def save(request: Request, person: Person) -> Response:
    """Keep a search under a title, one's own or for all; without a query it is forgotten."""
    office = office_of(request)
    form = await request.form(max_files=0, max_fields=10)
    title = str(form.get("title", "")).strip()[:50]
    query = str(form.get("q", ""))[:_LONGEST]
    shared = bool(form.get("shared"))
    if shared and person.role < Role.OFFICER:
        raise HTTPException(403, "您的角色不能为所有人保存检索")
    if not title:
        return back(request, link("/", q=query), "请写检索的名称")
    forgotten = bool(form.get("forget"))
    if not (query.strip() or forgotten):
        return back(request, "/?q=", "没有条件的检索不必保存")
    office.people.save_search(ALL if shared else person.name, title, "" if forgotten else query)
    event = "forgot search" if forgotten else "saved search"
    office.note(person, event, title=title, query=query, shared="1" if shared else "")
    told = f"已删除检索“{title}”" if forgotten else f"已保存检索“{title}”"
    return back(request, link("/", q=query), told)


ROUTES = [
    Route("/complete", allowed(complete)),
    Route("/searches", allowed(save), methods=["POST"]),
]
