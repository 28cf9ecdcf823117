"""Pictures of the practice market that more than one listing is about."""

from __future__ import annotations

from collections.abc import Mapping

from practice.pictures import Drawing

SHARED_VINEGAR = Drawing("bottle", "studio/vinegar")
"""Used by several sellers under one address."""

SHARED: Mapping[str, Drawing] = {"TB2xKc9aVinStudio01": SHARED_VINEGAR}
"""File stem to picture."""

HOLDERS: Mapping[str, Drawing] = {
    "brand-guanyun": Drawing("bag", "studio/guanyun"),
    "gi-shanxi-laochencu": Drawing("bottle", "studio/cuyuan"),
}
"""Right holders' own photos by right."""
