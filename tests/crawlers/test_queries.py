from crawlers.queries import queries
from leads.model import Right, RightKind
from leads.registry import Registry


def right(id: str, name: str, kind: RightKind = RightKind.GI, **more: object) -> Right:
    return Right.model_validate({"id": id, "kind": kind, "name": name, **more})


def test_a_budget_is_spent_on_the_province_s_own_names_first() -> None:
    watched = [
        right("a", "外地香米"),
        right("b", "大牌", RightKind.TRADEMARK),
        right(
            "c", "本省老号", RightKind.TRADEMARK, bureau="140100", aliases=["老号"], goods=["酱肉"]
        ),
        right("d", "本省陈醋", bureau="140100", goods=["陈醋"]),
    ]
    assert queries(watched) == (
        "本省陈醋", "本省老号", "外地香米", "大牌", "老号", "山西陈醋", "酱肉",
    )  # fmt: skip


def test_every_watched_name_is_searched_for_once(watched: Registry) -> None:
    texts = queries(watched.rights.values())
    assert len(texts) == len(set(texts))
    assert {right.name for right in watched.rights.values()} <= set(texts)
