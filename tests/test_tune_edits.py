"""Single edits of the rules, and what differs between two sets of them."""

from __future__ import annotations

import pytest

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import RelevanceWeights, RuleSpec

SPEC = RuleSpec(
    uk=("UK", "British"),
    china=("China", "中国"),
    ignore=("bone china",),
    topics=(
        ("trade", ("tariff*", "market access")),
        ("security", ("security", "spying", "super embassy", "super-embassy")),
        ("uk", ("Kew",)),
    ),
)


def rules(spec: RuleSpec = SPEC, **sides: str) -> tune.Rules:
    return tune.Rules(RuleBook(spec), dict(sides))


def changed(after: RuleSpec, before: RuleSpec = SPEC) -> list[tuple[str, str, str, str]]:
    terms = tune.changes(rules(before), rules(after)).terms
    return [(change.kind, change.where, change.term, change.old) for change in terms]


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        ({"add": ["uk:Whitehall"]}, ("added", "uk", "Whitehall", "")),
        ({"add": ["ignore:New South  Wales"]}, ("added", "ignore", "New South Wales", "")),
        ({"add": ["elsewhere:Canada"]}, ("added", "elsewhere", "Canada", "")),
        ({"add": ["trade: title: visa*"]}, ("added", "trade", "title: visa*", "")),
        ({"add": ["topics.trade:visa"]}, ("added", "trade", "visa", "")),
        ({"add": ["topics.uk:Wisley"]}, ("added", "topics.uk", "Wisley", "")),
        ({"drop": ["uk:UK"]}, ("dropped", "uk", "UK", "")),
        ({"drop": ["china:中國"]}, ("dropped", "china", "中国", "")),
        ({"drop": ["trade:market-access"]}, ("dropped", "trade", "market access", "")),
        ({"drop": ["security:super-embassy"]}, ("dropped", "security", "super-embassy", "")),
        ({"drop": ["trade:market  access"]}, ("dropped", "trade", "market access", "")),
        (
            {"drop": ["security:spying"], "add": ["security:spying ^2"]},
            ("changed", "security", "spying ^2", "spying"),
        ),
    ],
)
def test_an_edit_changes_one_term_of_one_list(
    edit: dict[str, list[str]], change: tuple[str, str, str, str]
) -> None:
    assert changed(tune.edited(SPEC, **edit)) == [change]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"add": ["trad:x"]}, 'there is no topic or list "trad"; did you mean trade?'),
        ({"add": ["UK:x"]}, "did you mean uk?"),
        ({"add": ["zzz:x"]}, "topics: trade, security, topics.uk; lists: uk, china, both, ignore"),
        ({"add": ["tariff"]}, "write LIST:TERM"),
        ({"add": ["trade: "]}, "write LIST:TERM"),
        ({"add": ["trade:tariff*"]}, '"tariff*" stands in trade already'),
        ({"add": ["trade:steel", "topics.trade:steel"]}, "it is given twice, also as trade:steel; once is"),
        ({"add": ["trade:steel", "trade:steel"]}, "--add trade:steel: it is given twice; once is enough"),
        ({"add": ["china:英国", "china:英國"]}, "it is given twice, also as china:英国; once is enough"),
        ({"drop": ["uk:UK", "uk:UK"]}, "--drop uk:UK: it is given twice; once is enough"),
        (
            {"add": ["trade:tariff* ^2"]},
            'has it already, as "tariff*"; to write it otherwise, also give --drop',
        ),
        ({"drop": ["trade:tarif"]}, 'there is no "tarif" in trade; near it: "tariff*"'),
        ({"drop": ["trade:access"]}, 'near it: "market access"'),
        ({"drop": ["trade:spying"]}, "it stands in security"),
        ({"drop": ["trade:elephant"]}, "nothing in trade is like it"),
    ],
)
def test_an_edit_that_cannot_be_made_says_what_to_write_instead(
    edit: dict[str, list[str]], says: str
) -> None:
    with pytest.raises(tune.EditError) as caught:
        tune.edited(SPEC, **edit)

    assert says in str(caught.value)


def test_a_term_that_cannot_be_read_is_shown_with_a_caret_and_a_hint() -> None:
    with pytest.raises(tune.EditError) as caught:
        tune.edited(SPEC, add=["trade:英国 NEAR Jingye"])

    first, term, caret, hint = str(caught.value).splitlines()
    assert first.startswith("--add trade:英国 NEAR Jingye: ")
    assert term == "    英国 NEAR Jingye"
    assert caret == "         ^", "a Chinese character is two columns wide"
    assert hint == "    = help: write NEAR/5"


def test_a_very_long_term_is_shortened_round_its_mistake() -> None:
    long = "very long " * 30
    with pytest.raises(tune.EditError) as unread:
        tune.edited(SPEC, add=[f"trade:{long}NEAR x{long}"])
    with pytest.raises(tune.EditError) as missing:
        tune.edited(SPEC, drop=[f"trade:{long}"])

    first, term, caret, _ = str(unread.value).splitlines()
    assert first.endswith("ver…: NEAR needs a number")
    assert term[caret.index("^") :].startswith("NEAR x")
    assert (term[4], term[-1]) == ("…", "…")
    assert max(map(len, (term, caret))) <= 4 + 82
    assert len(str(missing.value)) < 250


def test_the_order_of_terms_is_no_change_and_the_order_of_topics_is() -> None:
    other_terms = RuleSpec(**{**fields(), "uk": ("British", "UK", "UK")})
    other_topics = RuleSpec(**{**fields(), "topics": SPEC.topics[::-1]})

    assert not tune.changes(rules(), rules(other_terms))
    assert tune.changes(rules(), rules(other_topics)).reordered


def test_numbers_sides_and_whole_topics_are_changes() -> None:
    after = RuleSpec(
        **{
            **fields(),
            "weights": RelevanceWeights(threshold=4),
            "topics": (*SPEC.topics, ("visas", ("visa",))),
        }
    )

    differing = tune.changes(
        rules(gazette="uk", herald="china"), rules(after, gazette="both", herald="china")
    )

    assert differing.weights == (tune.WeightChange("threshold", 3, 4),)
    assert differing.sides == (tune.SideChange("gazette", "uk", "both"),)
    assert [(change.where, change.term) for change in differing.terms] == [("visas", "visa")]


def fields() -> dict[str, object]:
    return {name: getattr(SPEC, name) for name in SPEC.__dataclass_fields__}
