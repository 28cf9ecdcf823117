"""The command that moves leads from state to state: judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

import click

from console.options import Day, Text, config_option, now, store_option
from console.proving import recipient_named
from leads import registry
from leads.beijing import BEIJING
from leads.fields import Field
from leads.model import Judgement, State
from leads.states import MoveError, check, check_whole_seller, state_of
from leads.store import Overtaken, Store, open_store
from leads.tree import Term


class StateName(click.ParamType[State]):
    """A state by its Chinese name or its English code."""

    name = "状态"

    def convert(
        self, value: str | State, param: click.Parameter | None, ctx: click.Context | None
    ) -> State:
        """Return the state, or fail with all there are."""
        named = {name: state for state in State for name in (state.value, state.name.lower())}
        if value not in named:
            self.fail(f"没有状态 {value!r}；可用：{'、'.join(State)}", param, ctx)
        return named[value]


@click.command(short_help="记录人工结论")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option(
    "--as", "state", type=StateName(), required=True, help="结论，如 待研判、排除、已交办。"
)
@click.option("--reason", required=True, type=Text(), help="理由。")
@click.option("--by", "person", required=True, type=Text(), help="作出结论的人。")
@click.option(
    "--code",
    type=Text(),
    help="原因码：排除、退回、不予立案的原因；或 暂停、恢复、延期（只记录期限，状态不变）。",
)
@click.option("--second", type=Text(), help="共同决定或批准的另一人。")
@click.option("--to", "name", type=Text(), help="交给哪个单位：同 packet --to。")
@click.option("--at", "day", type=Day(), help="发生日期，与记录日期不同时写明，如 2026-11-22。")
@click.option("--whole-seller", is_flag=True, help="该线索卖家的全部线索一并处理，须两人决定。")
@config_option
@store_option
def judge(
    ids: tuple[str, ...],
    state: State,
    reason: str,
    person: str,
    code: str | None,
    second: str | None,
    name: str | None,
    day: date | None,
    whole_seller: bool,
    config: str | None,
    store: str,
) -> int:
    """为一条或多条线索记录结论。结论只追加，从不覆盖；重新比对也不会改动它。

    只能按规定的顺序改变状态，审批须由提请人以外的人作出；不合规定的会说明可以怎样改。

    \b
    例：  markwatch judge L0123456789ab --as 排除 --code 授权使用 --reason 授权经销商 --by 张三
          markwatch judge L0123456789ab --as 已交办 --to 太原 --reason 证据充分 --by 李四
    """
    if not reason.strip() or not person.strip():
        raise click.UsageError("理由和姓名不能为空")
    with open_store(store, create=False) as kept:
        to = _recipient(kept, ids, name, config)
        wanted = [
            Judgement(
                lead=lead,
                state=state,
                reason=reason.strip(),
                by=person.strip(),
                at=now(),
                second=second.strip() if second and second.strip() else None,
                code=code,
                to=to,
                happened_at=moment_of(day),
            )
            for lead in (_of_sellers(kept, ids) if whole_seller else dict.fromkeys(ids))
        ]
        return record_all(kept, wanted, whole_seller)


def _recipient(
    store: Store, ids: Sequence[str], name: str | None, config: str | None
) -> str | None:
    if name is None:
        return None
    leads = [standing.lead for one in ids if (standing := store.get(one))]
    return recipient_named(registry.load(config), name, leads).id


def moment_of(day: date | None) -> datetime | None:
    """Return the beginning of a day in Beijing."""
    return datetime.combine(day, time(), BEIJING) if day else None


def _of_sellers(store: Store, ids: Sequence[str]) -> Iterator[str]:
    """Yield every lead of the sellers of ``ids`` that is still to be decided on."""
    sellers = [standing.lead.listing.seller_key for one in ids if (standing := store.get(one))]
    for seller in dict.fromkeys(sellers):
        if seller is None:
            raise click.UsageError("线索没有卖家信息，不能按卖家处理")
        for lead, state in store.find(Term(Field.SELLER, seller)):
            if state in (State.NEW, State.PENDING, State.SUPPLEMENT):
                yield lead.id


def record_all(store: Store, wanted: Sequence[Judgement], whole_seller: bool = False) -> int:
    """Record judgements one by one, tell which were refused and why; returns the exit code."""
    refused = 0
    for judgement in wanted:
        try:
            if whole_seller:
                check_whole_seller(judgement)
            record(store, judgement)
        except KeyError:
            click.echo(f"没有线索 {judgement.lead}", err=True)
            refused += 1
        except (MoveError, Overtaken) as wrong:
            click.echo(f"{judgement.lead}：{wrong}", err=True)
            refused += 1
    told = "、".join(dict.fromkeys(judgement.state for judgement in wanted))
    click.echo(f"已记录 {len(wanted) - refused} 条：{told}")
    return int(bool(refused))


def record(store: Store, wanted: Judgement) -> None:
    """Append a judgement that may follow those there are.

    Raises:
        KeyError: no such lead.
        MoveError: the states do not allow it.
        Overtaken: somebody else moved the lead meanwhile.
    """
    if store.get(wanted.lead) is None:
        raise KeyError(wanted.lead)
    history = store.judgements(wanted.lead)
    check(history, wanted)
    store.judge(wanted, expected=state_of(history))


COMMANDS = (judge,)
