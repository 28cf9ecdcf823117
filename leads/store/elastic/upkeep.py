"""What a cluster may do by itself: nightly snapshots, and removing indices that were built anew.

Both are optional: a cluster of another licence or distribution lacks them, and then says so.
"""

from __future__ import annotations

import time

from elasticsearch import ApiError, Elasticsearch

from leads.store.elastic.indices import Indices

LACKING = frozenset({400, 404, 405})
"""Statuses by which a cluster says that it does not know an interface."""


def set_snapshots(client: Elasticsearch, prefix: str, location: str) -> bool:
    """Register a folder all nodes share, and a nightly snapshot; False if the cluster has no SLM.

    Raises:
        ApiError: the folder is not allowed (``path.repo``) or cannot be written.
    """
    client.snapshot.create_repository(
        name=prefix, repository={"type": "fs", "settings": {"location": location}}
    )
    try:
        client.slm.put_lifecycle(
            policy_id=f"{prefix}-nightly",
            name=f"<{prefix}-{{now/d}}>",
            schedule="0 30 20 * * ?",  # UTC: half past four in Beijing
            repository=prefix,
            config={"indices": [f"{prefix}-*"], "include_global_state": False},
            retention={"expire_after": "30d", "min_count": 7, "max_count": 60},
        )
    except ApiError as error:
        if error.status_code in LACKING:
            return False
        raise
    return True


def set_lifecycle(client: Elasticsearch, prefix: str) -> bool:
    """Have retired indices removed after 30 days; False if the cluster has no ILM."""
    phases = {"hot": {"actions": {}}, "delete": {"min_age": "30d", "actions": {"delete": {}}}}
    try:
        client.ilm.put_lifecycle(name=_policy(prefix), policy={"phases": phases})
    except ApiError as error:
        if error.status_code in LACKING:
            return False
        raise
    return True


def retire(client: Elasticsearch, prefix: str, index: str) -> bool:
    """Let an index that was replaced end its life from now on; False where there is no policy."""
    try:
        client.ilm.get_lifecycle(name=_policy(prefix))
    except ApiError as error:
        if error.status_code in LACKING:
            return False
        raise
    client.indices.put_settings(
        index=index,
        settings={
            "index.lifecycle.name": _policy(prefix),
            "index.lifecycle.origination_date": int(time.time() * 1000),
        },
    )
    return True


def sizes(client: Elasticsearch, indices: Indices) -> dict[str, tuple[int, int]]:
    """Return documents and bytes of each of our indices, by name."""
    if not indices.all:
        return {}
    names = ",".join(index.name for index in indices.all)
    told = client.indices.stats(index=names, metric=["docs", "store"])["indices"]
    return {
        name: (one["primaries"]["docs"]["count"], one["total"]["store"]["size_in_bytes"])
        for name, one in told.items()
    }


def _policy(prefix: str) -> str:
    return f"{prefix}-retired"
