from crawlers.queries import imitations, queries
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
    texts = queries(watched)
    assert texts[:5] == ("本省陈醋", "本省老号", "外地香米", "大牌", "老号")
    assert texts[-2:] == ("山西陈醋", "酱肉")


def test_likely_imitations_are_one_like_character_away() -> None:
    texts = imitations("平遥牛肉")
    assert len(texts) == 2
    assert all(sum(a != b for a, b in zip(t, "平遥牛肉", strict=True)) == 1 for t in texts)
    assert set(texts) <= set(queries([right("a", "平遥牛肉", bureau="140700")]))
    assert not set(texts) & set(queries([right("a", "平遥牛肉")]))


def test_every_watched_name_is_searched_for_once(watched: Registry) -> None:
    texts = queries(watched.rights.values())
    assert len(texts) == len(set(texts))
    assert {right.name for right in watched.rights.values()} <= set(texts)
