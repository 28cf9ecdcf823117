"""Every request of a spider is planned in the ledger; what an earlier process left is taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import TypeAdapter
from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.utils.request import fingerprint

from leads.ledger import ITEM, Task
from leads.ledger.memory import outlined
from leads.model import Listing

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from crawlers.spider import SiteSpider

TASK = "markwatch_task"
"""Where the key of a request in the ledger lies in ``request.meta``; redirects and retries of it
keep the key, for they are the same work."""
_KWARGS: TypeAdapter[dict[str, int | str | Listing]] = TypeAdapter(dict[str, int | str | Listing])


class Frontier(Scheduler):
    """Scrapy's scheduler in memory, but what was asked for already is known from the ledger.

    A spider begins as ever, whether its run is new or was interrupted: what it asks for a second
    time is dropped here, and what was planned but not stored waits here already. Scrapy's own job
    directory survives a clean stop only, and loses requests that a kill finds in memory.
    """

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Plan again what is not finished."""
        opened = super().open(spider)
        self._work = cast("SiteSpider", spider).work
        self._waiting: set[str] = set()
        self._begun: set[str] = set()
        for task in self._work.unfinished():
            self._push(_request(task, spider))
        return opened

    def enqueue_request(self, request: Request) -> bool:
        """Take a request unless this run has it already; tell whether it was taken."""
        if TASK not in request.meta:
            task = self._task(request)
            if not self._work.plan(task):
                return False
            request.meta[TASK] = task.key
        return self._push(request)

    def next_request(self) -> Request | None:
        """Return the next request, which is under way from now on."""
        request = super().next_request()
        if request is not None:
            self._waiting.discard(request.meta[TASK])
            self._begun.add(request.meta[TASK])
        return request

    def finished(self, under_way: set[str]) -> set[str]:
        """Return what was begun, waits no more and is not ``under_way``; each once."""
        done = self._begun - under_way - self._waiting
        self._begun -= done
        return done

    def _push(self, request: Request) -> bool:
        self._waiting.add(request.meta[TASK])
        return super().enqueue_request(request)

    def _task(self, request: Request) -> Task:
        outline, again = request.cb_kwargs.get("outline"), request.cb_kwargs.get("ref")
        listing = again or (outline and outline.key[1])
        return Task(
            key=f"{ITEM}{listing}" if listing else fingerprint(request).hex(),
            url=request.url,
            callback=_name(request.callback) or "parse",
            errback=_name(request.errback),
            kwargs=_KWARGS.dump_json(request.cb_kwargs).decode(),
            priority=request.priority,
            outline=outlined(outline) if outline else None,
        )


def _name(method: object) -> str | None:
    return getattr(method, "__name__", None)


def _request(task: Task, spider: Spider) -> Request:
    return Request(
        task.url,
        getattr(spider, task.callback),
        errback=getattr(spider, task.errback) if task.errback else None,
        cb_kwargs=_KWARGS.validate_json(task.kwargs),
        priority=task.priority,
        meta={TASK: task.key},
    )
