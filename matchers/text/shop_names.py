"""Another's mark as, or in, the name of a shop or firm (反不正当竞争法 on names that mislead)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from leads.model import DefenceCode, Finding, Hit, Listing, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import Text, in_words, seller_texts
from matchers.text.normalise import disguises, normalise
from matchers.text.pool import Pool
from matchers.text.watch import Place, Watch, names_of, other_names, protected
from matchers.text.words import is_word, stands_alone


class ShopNames(Matcher):
    """Finds watched marks in the names of sellers that are not the holder.

    Marks beyond the protected ones count from three characters up and where they are no word of
    the language; most shops that bear one are its holder's, so they weigh less.
    """

    name = "shop_names"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        rights = protected(registry, RightKind.TRADEMARK)
        self._protected = {right.id for right in rights}
        pool = Pool()
        self._watch = Watch(names_of(rights), pool)
        others = (name for name in other_names(registry) if len(name.plain.text) > 2)
        self._others = Watch(others, pool)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``brand.shop_name`` once for each right, for the first name that bears it."""
        told: set[str] = set()
        for text in seller_texts(listing):
            for name, start, end in self._places(text, day):
                if name.right.id not in told:
                    told.add(name.right.id)
                    users = self.registry.users.get(name.right.id, ())
                    how = disguises(text.plain, start, end, name.plain)
                    case = Case(listing, name.right, users, day, text, start, end, bool(how))
                    yield self._hit(case, text, how)

    def _places(self, text: Text, day: date) -> Iterator[Place]:
        yield from self._watch.standing(text.plain, day)
        for name, start, end in self._others.standing(text.plain, day):
            if not is_word(name.plain.text) and stands_alone(text.plain, start, end):
                yield name, start, end

    def _plainly(self, case: Case) -> float:
        """Return what a name that bears a mark as it is is worth; other marks seldom a review."""
        if case.right.id in self._protected:
            return 0.5
        own = any(answer.code is DefenceCode.OWN_MARK for answer in case.defences)
        unknown = case.text.field == "seller.company" and not case.right.holder
        return 0.2 if own or unknown else 0.4

    def _hit(self, case: Case, text: Text, how: tuple[str, ...]) -> Hit:
        right, span = case.right, case.text.cut(case.start, case.end)
        others = _others_flagship(case)
        said = f"（{'、'.join(how)}）" if how else ""
        why = "，自称官方或旗舰店，而经营主体并非登记的权利人" if others else ""
        excused = (DefenceCode.OWN_MARK, DefenceCode.HONEST_RESALE) if others else ()
        answers = tuple(answer for answer in case.defences if answer.code not in excused)
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_SHOP_NAME,
            matcher=self.name,
            score=0.75 if how else 0.7 if others else self._plainly(case),
            reason=f"{in_words(text)}“{text.plain.raw}”含有他人商标“{span.text}”{said}{why}，"
            "疑似使人误认为与权利人存在特定联系；是否获得许可待核。",
            spans=(span,),
            defences=answers,
        )


def _others_flagship(case: Case) -> bool:
    """Tell whether a self-styled flagship shop is a firm that is neither holder nor namesake."""
    seller = case.listing.seller
    if not seller or not seller.name or not seller.company or not case.right.holder:
        return False
    company = normalise(seller.company).text
    namesake = any(normalise(name).text in company for name in case.right.names)
    styled = any(word in seller.name for word in ("官方", "旗舰", "直营"))
    return styled and not namesake and company != normalise(case.right.holder).text
