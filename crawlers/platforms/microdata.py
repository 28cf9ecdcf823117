"""Microdata of a page as plain dictionaries, in the shape JSON-LD has."""

from __future__ import annotations

from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.page import attribute, words

MOST_PROPERTIES = 2_000
"""Of one page; more are not looked at."""

_BY_ATTRIBUTE = {"meta": "content", "img": "src", "time": "datetime", "data": "value"}
_LINKS = ("a", "link", "area")
_RELATED = ("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "itemReviewed")
_ADDRESSES = ("url", "image", "item", "availability", "itemCondition", "sameAs")


def items(tree: LexborHTMLParser, kind: str) -> list[dict[str, Any]]:
    """Return the outermost items whose type ends with ``kind``, each with its properties.

    A page whose item has lost its ``itemscope`` still has its properties: those that stand in no
    item make one more, if they have a name and an offer.
    """
    owned = _owned(tree)
    scopes = tree.css("[itemscope]")[:MOST_PROPERTIES]
    found = [
        _properties(scope, owned)
        for scope in scopes
        if _is(scope, kind) and not _within(scope, kind)
    ]
    if found or None not in owned:
        return found
    stray = _values(owned[None], owned)
    return [stray] if "name" in stray and "offers" in stray else []


def _within(scope: LexborNode, kind: str) -> bool:
    """Whether an item is part of another of its kind, or is only related to something."""
    if (attribute(scope, "itemprop") or "") in _RELATED:
        return True
    above = scope.parent
    while above is not None:
        if _is(above, kind):
            return True
        above = above.parent
    return False


def _owned(tree: LexborHTMLParser) -> dict[int | None, list[LexborNode]]:
    """Properties by the item they belong to: the nearest ``itemscope`` above."""
    owned: dict[int | None, list[LexborNode]] = {}
    for node in tree.css("[itemprop]")[:MOST_PROPERTIES]:
        owner = node.parent
        while owner is not None and "itemscope" not in owner.attributes:
            owner = owner.parent
        owned.setdefault(owner.mem_id if owner is not None else None, []).append(node)
    return owned


def _properties(scope: LexborNode, owned: dict[int | None, list[LexborNode]]) -> dict[str, Any]:
    return {
        "@type": scope.attributes.get("itemtype"),
        **_values(owned.get(scope.mem_id, []), owned),
    }


def _values(nodes: list[LexborNode], owned: dict[int | None, list[LexborNode]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for node in nodes:
        value = (
            _properties(node, owned)
            if "itemscope" in node.attributes
            else _value(node, attribute(node, "itemprop") or "")
        )
        for name in (attribute(node, "itemprop") or "").split():
            if value and name not in values:
                values[name] = value
            elif value:
                before = values[name]
                values[name] = [*(before if isinstance(before, list) else [before]), value]
    return values


def _value(node: LexborNode, name: str) -> str | None:
    tag = node.tag or ""
    written = attribute(node, "content", _BY_ATTRIBUTE.get(tag, "content"))
    if written:
        return written
    if tag in _LINKS and (name in _ADDRESSES or tag == "link"):
        return attribute(node, "href")
    if name == "image":
        return attribute(node.css_first("img"), "src")
    return words(node)


def _is(scope: LexborNode, kind: str) -> bool:
    return (attribute(scope, "itemtype") or "").rstrip("/").endswith("/" + kind)
