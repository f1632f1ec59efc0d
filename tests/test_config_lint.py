"""Lints: what is said of terms, that it is true, what is left alone, how it is silenced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classify import RuleBook
from monitor.config import describe
from monitor.config.checks import check_whole
from monitor.config.lint import LINTS, SourceRecord, Stored
from monitor.config.lint.plurals import plural_of
from monitor.config.lint.vocabulary import COMMON, MISLEADING, NOUNS
from monitor.models import Match, Problem, RelevanceWeights, RuleSpec, Verdict

from .conftest import PROJECT, make_item, make_judged
from .linting import codes_of, document, lints, lints_of, loud

# -- each lint ---------------------------------------------------------------------------------------------


def only(problems: Sequence[Problem], code: str) -> Problem:
    (problem,) = problems
    assert problem.code == code
    assert problem.severity == "warning"
    return problem


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("super-embassy", "super embassy"),
        ("Royal Mint’s site", "Royal Mint's site"),
        ("communiqué", "communique"),
        ("China's plan", "China plan"),
        ("rare earths", "“rare” earths"),
        ("鋼鐵業", "钢铁业"),
        ("Shein OR Temu", "Temu OR Shein"),
        ("Shein SAME London", "London SAME Shein"),
        ("U.K. plan", "UK plan"),
    ],
)
def test_a_term_in_another_spelling_is_a_double(first: str, second: str) -> None:
    problem = only([p for p in lints_of(terms=[first, second]) if p.code != "K004"], "K001")

    assert second in problem.message
    assert "line 1" in problem.message
    assert problem.hint == "one of them is enough"


def test_terms_that_differ_in_capitals_or_endings_are_no_doubles() -> None:
    assert codes_of(terms=["Lotus", "lotus", "LOTUS", "market access", "marketing accessory"]) == []


def test_of_two_weights_the_higher_one_is_to_be_kept() -> None:
    problem = only(lints_of(terms=["migration ^2", "migration"]), "K001")

    assert problem.hint == "only the higher weight counts, ^2: keep that one"


@pytest.mark.parametrize(
    ("lists", "says"),
    [
        ({"uk": ["MG Motor"], "china": ["MG Motor"]}, "one mention is both"),
        ({"uk": ["MG Motor*"], "china": ["MG Motors"]}, "one mention is both"),
        ({"uk": ["Gibraltar"], "elsewhere": ["Gibraltar"]}, "counts against an item here, and for it as"),
        ({"china": ["Taiwan"], "elsewhere": ["Taiwan"]}, "counts against an item here, and for it as"),
        ({"both": ["JETCO"], "elsewhere": ["JETCO"]}, "counts against an item here, and for it as"),
        ({"terms": ["box office"], "exclude": ["box office"]}, "an item with it is out"),
        ({"uk": ["Hong Kong Watch"], "exclude": ["Hong Kong*"]}, "an item with it is out"),
    ],
)
def test_lists_that_contradict_each_other(lists: dict[str, list[str]], says: str) -> None:
    assert says in only(lints_of(**lists), "K003").message


def test_the_same_term_in_two_topics_or_in_a_side_and_a_topic_is_no_contradiction() -> None:
    text = """\
rules: {sides: {uk: [Thames], china: [Huawei]}, elsewhere: [Trump]}
topics: {security: {terms: [Huawei]}, technology: {terms: [Huawei, Trump]}}
"""
    assert lints(text) == ()


@pytest.mark.parametrize("name", ["uk", "china", "both", "exclude"])
@pytest.mark.parametrize(
    "terms",
    [
        ["Alibaba", "Bank of Alibaba"],
        ["Alibaba", "title: Alibaba"],
        ["Alibaba", "Alibaba NOT football*"],
        ["Alibaba", "Alibaba SAME stake"],
        ["Alibaba", "Baidu", "(Alibaba OR Baidu Maps) SAME stake"],
        ["alibab*", "Alibaba"],
        ["Alibaba ^2", "Bank of Alibaba"],
    ],
)
def test_a_term_that_cannot_add_points_is_named_with_the_one_that_does_its_work(
    name: str, terms: list[str]
) -> None:
    problem = only(lints_of(**{name: terms}), "K002")

    assert problem.message.startswith(f'"{terms[-1]}" adds nothing')
    assert f'"{terms[0]}" (line 1)' in problem.message


@pytest.mark.parametrize("name", ["uk", "china", "both", "exclude"])
@pytest.mark.parametrize(
    "terms",
    [
        ["Alibaba", "Bank of Alibaba ^2"],
        ["Alibaba", "alibaba"],
        ["title: Alibaba", "Alibaba"],
        ["Alibaba Cloud", "Alibaba"],
        ["Alibaba", "Ant OR Alibaba"],
        ["Alibaba Group", "Alibaba Cloud"],
    ],
)
def test_a_term_that_adds_something_is_left_alone(name: str, terms: list[str]) -> None:
    warned = [problem for problem in lints_of(**{name: terms}) if problem.code == "K002"]

    assert [problem for problem in warned if problem.message.startswith(f'"{terms[-1]}"')] == []


def test_within_a_topic_it_is_said_what_a_longer_term_still_does() -> None:
    problem = only(lints_of(terms=["security", "national security"]), "K002")

    assert "only where both stand apart" in problem.message
    assert '"national security ^2"' in problem.hint
    assert codes_of(terms=["security", "national security ^2"]) == []
    assert codes_of(terms=["human rights", "Human Rights Council"]) == []


def test_a_plain_word_beside_its_wildcard_adds_nothing() -> None:
    assert "adds nothing" in only(lints_of(terms=["tariff*", "tariffs"]), "K002").message
    assert "adds nothing" in only(lints_of(ignore=["Chinese wall*", "Chinese walls"]), "K002").message
    assert codes_of(ignore=["Evening Standard", "London Evening Standard"]) == []


def test_a_longer_term_that_counts_less_takes_points_away() -> None:
    problem = only(lints_of(terms=["trade ^2", "trade talks"]), "K011")

    assert "gets ^1 instead of the ^2" in problem.message
    assert problem.hint == 'write "trade talks ^2", or remove it'


def test_a_term_whose_words_a_third_country_may_take_does_no_others_work() -> None:
    assert codes_of(uk=["Wales", "Prince of Wales"], elsewhere=["Wales Island"]) == []
    assert codes_of(uk=["Wales", "Prince of Wales"], elsewhere=["Rhode Island"]) == ["K002"]
    assert codes_of(uk=["Wales"], elsewhere=["South Wales", "New South Wales"]) == []
    assert codes_of(uk=["Kent"], elsewhere=["South Wales", "New South Wales"]) == ["K011"]


def test_a_third_country_within_another_counts_twice() -> None:
    problem = only(lints_of(elsewhere=["US", "US Congress"]), "K011")

    assert "counts as two countries" in problem.message
    assert codes_of(elsewhere=["Canada", "canada"]) == ["K002"]
    item = make_item("Albion and Cathay", summary="The US Congress votes.")
    assert book({"elsewhere": ["US", "US Congress"]}).classify(item).parts[-1] == ("elsewhere", -2.0)
    assert book({"elsewhere": ["US"]}).classify(item).parts[-1] == ("elsewhere", -1.0)


@pytest.mark.parametrize("weights", ["elsewhere_text_max: 1", "elsewhere_text: 0", "elsewhere_text: 2"])
def test_where_two_countries_take_no_more_away_than_one_that_is_no_warning(weights: str) -> None:
    text = f"rules: {{elsewhere: [US, US Congress], relevance: {{{weights}}}}}"

    assert lints(text.replace(weights, "title: 3"))[0].code == "K011"
    assert lints(text) == ()


def test_a_very_long_term_is_shown_by_its_beginning() -> None:
    long = " OR ".join(f"part {n}" for n in range(60))
    problem = only(lints_of(terms=[long, f"({long})"]), "K001")

    assert problem.message.startswith('"(part 0 OR part 1 OR ')
    assert "…" in problem.message
    assert len(problem.message) < 260


@pytest.mark.parametrize("term", ["small boat", "new visa", "embassy plan OR spy", "City audit"])
def test_a_noun_without_its_plural(term: str) -> None:
    assert "plural" in only(lints_of(terms=[term]), "K004").message


@pytest.mark.parametrize(
    ("term", "hint"),
    [
        ("small boat", 'write "small boat*"'),
        ("small boat ^2", 'write "small boat* ^2"'),
        ("Newport fab OR chip", 'add "chips"'),
        ("secret factory ^2", 'add "secret factories ^2" to the list'),
        ("hospital", 'add "hospitals" to the list'),  # hospital* takes hospitality
    ],
)
def test_the_plural_is_offered_in_the_form_that_takes_no_other_words(term: str, hint: str) -> None:
    assert only(lints_of(terms=[term]), "K004").hint == hint


@pytest.mark.parametrize(
    "terms",
    [
        ["small boat*"],
        ["small boat", "small boats"],
        ["small boat", "boat*"],
        ["spy", "spies"],
        ["small boat OR small boats"],
        ["chip", "chips NOT fish"],
        ["title: visit"],
        ["Royal Mint Court"],
        ["steel", "market access", "super-embassy"],
    ],
)
def test_a_plural_that_is_caught_or_does_not_exist_is_not_asked_for(terms: list[str]) -> None:
    assert "K004" not in codes_of(terms=terms)


@pytest.mark.parametrize(
    ("noun", "plural"), [("visa", "visas"), ("embassy", "embassies"), ("convoy", "convoys"), ("bus", "buses")]
)
def test_plurals(noun: str, plural: str) -> None:
    assert plural_of(noun) == plural


@pytest.mark.parametrize(
    ("lists", "says"),
    [
        ({"terms": ["the"]}, "so common"),
        ({"uk": ["government"]}, "so common"),
        ({"terms": ["company OR firms"]}, '"company" is so common'),
        ({"terms": ["Foreign Office"]}, "does not tell this topic from another"),
        ({"terms": ["China"]}, "does not tell this topic from another"),
        ({"terms": ["US"]}, "does not tell this topic from another"),
        ({"uk": ["eu"]}, "in small letters"),
        ({"elsewhere": ["us"]}, "in small letters"),
        ({"terms": ["ev*"]}, "every word that begins with ev"),
        ({"china": ["中"]}, "a single character"),
        ({"uk": ["Hunt"]}, "the name of many others"),
        ({"exclude": ["porcelain"]}, "puts out every item"),
    ],
)
def test_a_term_that_matches_too_much(lists: dict[str, list[str]], says: str) -> None:
    assert says in only(lints_of(**lists), "K005").message


def test_short_words_names_and_capitals_are_left_alone() -> None:
    assert codes_of(terms=["spies", "tea", "EV*", "R&D", "AI", "title: deal", "deal NEAR/5 steel"]) == []
    assert codes_of(uk=["UK", "Starmer", "£", "英国"], china=["Xi", "China"]) == []
    assert codes_of(exclude=["horoscope", "TripAdvisor", "dim sum", "porcelain NOT minister*"]) == []


@pytest.mark.parametrize(
    ("term", "takes"), [("secret*", "secretary"), ("bond* ^2", "Bondi"), ("Invest*", "investigate")]
)
def test_a_wildcard_that_takes_other_words(term: str, takes: str) -> None:
    problem = only(lints_of(terms=[term]), "K008")

    assert takes in problem.message
    assert "list the endings" in problem.hint


def test_a_stem_in_a_phrase_or_beside_another_word_is_left_alone() -> None:
    assert codes_of(terms=["foreign invest*", "secret* NEAR/3 steel", "tariff*"]) == []


@pytest.mark.parametrize(
    "term",
    [
        "Shein NOT Shein",
        "Shein NOT (Temu OR Shein)",
        "national security NOT security",
        "(Shein AND Temu) NOT Temu",
        "Shein NOT Temu AND Temu",
        "title: Shein NOT Shein",
        "Shein NEAR/5 London NOT London",
        "tariffs NOT tariff*",
        "(Shein OR Shein London) NOT Shein",
        "Temu AND title: Shein NOT title: (Shein OR Boohoo)",
    ],
)
def test_a_term_that_contradicts_itself_never_matches(term: str) -> None:
    assert "never matches" in only(lints_of(terms=[term]), "K006").message


@pytest.mark.parametrize(
    "term",
    [
        "Shein NOT title: Shein",
        "security NOT national security",
        "Shein NOT (Shein AND Temu)",
        "tariff* NOT tariffs",
        "China NOT china clay",
        "Shein NEAR/5 Shein",
    ],
)
def test_a_not_that_leaves_something_is_left_alone(term: str) -> None:
    assert codes_of(uk=[term]) == []


def test_a_part_that_never_matches_is_named() -> None:
    problem = only(lints_of(terms=["(Shein OR Temu) NOT Temu"]), "K006")

    assert 'the part ("Temu" NOT "Temu") never matches' in problem.message


@pytest.mark.parametrize(("term", "says"), [("ATLEAST/1 Huawei", "nothing"), ("ATLEAST/40 Huawei", "hardly")])
def test_a_count_that_means_nothing(term: str, says: str) -> None:
    assert says in only(lints_of(terms=[term]), "K006").message


@pytest.mark.parametrize("name", ["uk", "china", "both", "elsewhere", "terms", "exclude"])
@pytest.mark.parametrize(
    "term",
    [
        "bone china",
        "bone china exports",
        "title: bone china",
        "bone china NEAR/5 Stoke",
        "Stoke AND bone china",
        "bone chinas",
    ],
)
def test_a_term_whose_words_ignore_takes_away(name: str, term: str) -> None:
    problem = only(lints_of(**{name: [term]}, ignore=["bone china*"]), "K007")

    assert "never matches" in problem.message


def test_what_ignore_takes_only_sometimes_is_left_alone() -> None:
    assert codes_of(ignore=["bone china", "Oxford NEAR/3 Ohio"], china=["China"], uk=["Oxford"]) == []
    assert codes_of(ignore=["China Daily"], china=["china", "Daily Mail"]) == []


def test_a_not_before_words_that_ignore_takes_does_nothing() -> None:
    problem = only(lints_of(ignore=["bone china"], china=["china NOT bone china"]), "K007")

    assert "NOT bone china does nothing" in problem.message


@pytest.mark.parametrize("term", ["“rare earths”", "‘rare earths’", "《rare earths》", "'rare earths'"])
def test_quotation_marks_round_a_term_do_nothing(term: str) -> None:
    assert "do nothing" in only(lints_of(terms=[term]), "K009").message


def test_a_quotation_mark_alone_is_named_and_apostrophes_are_not() -> None:
    assert only(lints_of(terms=["“rare earths"]), "K009")
    assert codes_of(uk=["Queen’s College", '"BN(O)"', "Neil O'Brien", "what's on"]) == []


@pytest.mark.parametrize(
    ("entries", "place", "says"),
    [
        ("[Huawei, Hikvision\n     Dahua]", (3, 21), 'two lines are one term here: "Hikvision" and "Dahua"'),
        ("\n      - Hikvision\n        Dahua", (4, 9), "two lines are one term here"),
        ("\n      - ZTE #1", (4, 9), "the term ends before #1"),
        ("\n      - &Beyond Beauty", (4, 17), "&Beyond is no part of the term"),
        ("\n      - Huawei, ZTE, Dahua", (4, 9), '"Huawei, ZTE, Dahua" is one term'),
        ("\n      - Huawei; ZTE", (4, 9), "is one term"),
        ("\n      - Dahua,", (4, 9), "the , at the end"),
        ('\n      - "Dahua."', (4, 9), "the . at the end"),
        ("\n      - • Dahua", (4, 9), "the • before"),
    ],
)
def test_a_term_that_reads_otherwise_than_it_looks(entries: str, place: tuple[int, int], says: str) -> None:
    problem = only(lints(f"topics:\n  t:\n    terms: {entries}\n"), "K010")

    assert (problem.line, problem.column) == place
    assert says in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    "entries",
    [
        "[Shein NEAR/5 (London OR\n    Manchester) NOT\n    sport, Temu]",
        "[steel\n    AND Jingye, C# developers]",
        "\n      - Hikvision  # the cameras\n      - ZTE # 2019\n      - Dahua #lint: ok",
        "\n      - Cambridge, Massachusetts\n      - '&Beyond'\n      - M&S",
        '\n      - "Cambridge, Massachusetts, and beyond it"\n      - Trip.com',
    ],
)
def test_what_is_meant_as_it_stands_is_left_alone(entries: str) -> None:
    assert lints(f"topics:\n  t:\n    terms: {entries}\n") == ()


# -- what is said is true ----------------------------------------------------------------------------------

WORDS = ["ab", "abc", "China", "china", "tea", "Tea", "bone"]
PHRASES = st.lists(st.sampled_from([*WORDS, "ab*", "chin*"]), min_size=1, max_size=2).map(" ".join)
GROWN = [
    *("{} tea", "ab {}", "title: {}", "{} NOT bone", "{} NOT tea", "{} SAME tea", "ATLEAST/2 {}"),
    *("{} OR {} abc", "{} NEAR/2 tea", "{} AND tea", "{} AND {} tea", "({} OR {} tea) SAME bone"),
    *("{}", "{} NOT {}", "({} OR tea) NOT tea"),
]
FAMILIES = PHRASES.flatmap(
    lambda root: st.lists(
        st.tuples(st.sampled_from(GROWN), st.sampled_from(["", " ^2"])).map(
            lambda made: "".join(made).replace("{}", root)
        ),
        min_size=1,
        max_size=3,
        unique=True,
    ).map(lambda grown: list(dict.fromkeys([root, *grown])))
)
TEXTS = st.lists(st.sampled_from([*WORDS, ". Then", "abd"]), max_size=8).map(" ".join)


@settings(max_examples=250, deadline=None)
@given(
    role=st.sampled_from(["uk", "china", "both", "elsewhere", "exclude", "terms"]),
    terms=FAMILIES,
    ignore=st.lists(PHRASES, max_size=1),
    elsewhere=st.lists(PHRASES, max_size=1),
    texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=4, max_size=4),
)
def test_a_term_said_to_add_nothing_or_never_to_match_changes_no_verdict(
    role: str, terms: list[str], ignore: list[str], elsewhere: list[str], texts: list[tuple[str, str]]
) -> None:
    others = {"ignore": ignore, "elsewhere": elsewhere}
    for problem in lints_of(**(others | {role: terms})):
        term = next((t for t in terms if problem.message.startswith(f'"{t}" ')), None)
        idle = "adds nothing" in problem.message or "never matches" in problem.message
        if not idle or term is None or term in (*ignore, *elsewhere):
            continue  # it may be another list's term that is meant
        full, less = (book(others | {role: some}) for some in (terms, [t for t in terms if t != term]))
        for title, summary in texts:
            item = make_item(f"Albion and Cathay. {title}", summary=summary)
            before, after = full.classify(item), less.classify(item)
            assert (before.relevant, before.parts, before.topics) == (
                after.relevant,
                after.parts,
                after.topics,
            )


def book(lists: dict[str, list[str]]) -> RuleBook:
    values: dict[str, Any] = {name: tuple(terms) for name, terms in lists.items() if name != "terms"}
    sides = {"uk": ("Albion", *values.pop("uk", ())), "china": ("Cathay", *values.pop("china", ()))}
    topics = (("trade", tuple(lists.get("terms", ()))),)
    return RuleBook(RuleSpec(**sides, **values, topics=topics, weights=RelevanceWeights(threshold=0)))


@pytest.mark.parametrize("stem", MISLEADING)
def test_every_stem_takes_the_words_that_are_said_and_not_by_the_advice(stem: str) -> None:
    takes, instead = MISLEADING[stem]
    wildcard = RuleBook(RuleSpec(uk=(f"{stem}*",)))

    assert [word for word in takes.split(", ") if not wildcard.classify(make_item(word)).matches] == []
    assert f"{stem}*" not in re.split(r"[,;] ", instead)


def test_the_word_lists_do_not_contradict_each_other() -> None:
    assert {word for word in NOUNS if word.endswith("s")} <= {"bus", "campus", "crisis", "virus", "witness"}
    assert COMMON.isdisjoint({"steel", "trade", "security"})


# -- what stored items say ---------------------------------------------------------------------------------


def stored(*items: tuple[str, bool, Sequence[Match]], source: str = "gazette") -> Stored:
    judged = [
        make_judged(
            title,
            id=number,
            source_id=source,
            verdict=Verdict(relevant, 3.0, (), tuple(matches), "rules"),
        )
        for number, (title, relevant, matches) in enumerate(items)
    ]
    return Stored(judged, {"gazette": None, "whitehall": "uk"})


def took(term: str, text: str, topic: str | None = "trade") -> Match:
    return Match("topic" if topic else "uk", term, "title", text, 0, topic)


def test_a_missing_plural_is_told_with_the_items_that_have_it() -> None:
    seen = stored(("Two small boats sink", False, ()), ("Small-boats row", True, ()), ("A boat", True, ()))

    message = only(lints_of(seen, terms=["small boat"]), "K004").message

    assert message == '"small boat" does not match its plural; 2 stored items have "small boats"'


def test_the_words_that_a_wildcard_took_are_shown() -> None:
    hospitality = [("Hotels and hospitality", True, (took("hospital*", "hospitality"),))] * 3
    wards = [("A hospital", True, (took("hospital*", "hospital’s"),))] * 5
    bondi = [("Bondi", True, (took("bond*", "Bondi"),))]

    found = only(lints_of(stored(*hospitality, *wards), terms=["hospital*"]), "K008")
    known = only(lints_of(stored(*bondi), terms=["bond*"]), "K008")

    assert found.message == '"hospital*" also took, in stored items, hospitality (3 items)'
    assert "in stored items: bondi (1 item)" in known.message
    assert codes_of(terms=["visa*"]) == []
    assert lints_of(stored(("Visas", True, (took("visa*", "visas"),))), terms=["visa*"]) == ()


@pytest.mark.parametrize(
    ("common", "rare", "warned"),
    [
        ((60, 10), (140, 30), True),  # 30% of items, and of the relevant ones no more than of others
        ((60, 40), (140, 10), False),  # mostly relevant
        ((60, 20), (140, 10), False),  # twice as often in relevant ones
        ((30, 5), (170, 30), False),  # 15% of items
        ((59, 10), (140, 30), False),  # too few items to tell
    ],
)
def test_a_term_that_stands_everywhere_is_named(
    common: tuple[int, int], rare: tuple[int, int], warned: bool
) -> None:
    items = [("Steel", at < common[1], (took("steel", "Steel"),)) for at in range(common[0])]
    items += [("Copper", at < rare[1], ()) for at in range(rare[0])]

    found = lints_of(stored(*items), terms=["steel"])

    assert [problem.code for problem in found] == ["K005"] * warned
    assert all("30% of 200 stored items" in problem.message for problem in found)


def test_a_source_about_the_uk_does_not_make_its_words_too_broad() -> None:
    items = [("Steel", at < 10, (took("Whitehall", "Whitehall", None),)) for at in range(60)]
    items += [("Copper", at < 30, ()) for at in range(140)]

    assert lints_of(stored(*items, source="whitehall"), uk=["Whitehall"]) == ()
    assert only(lints_of(stored(*items), uk=["Whitehall"]), "K005")


def test_a_source_that_never_matched_is_named() -> None:
    text = """\
sources:
  - {id: fruitful, url: https://a.example/}
  - {id: fruitless, url: https://b.example/}
  - {id: young, url: https://c.example/}
  - {id: resting, url: https://d.example/, enabled: false}
"""
    records = {
        "fruitful": SourceRecord(300, 2),
        "fruitless": SourceRecord(51, 0),
        "young": SourceRecord(50, 0),
        "resting": SourceRecord(300, 0),
        "gone": SourceRecord(300, 0),
    }

    problem = only(lints(text, Stored(sources=records)), "S001")

    assert (problem.line, problem.column) == (3, 5)
    assert problem.message == '"fruitless" has brought 51 items, none of them relevant'


# -- how it is said ----------------------------------------------------------------------------------------

MANY = ["visit", "pledge", "treaty", "verdict", "tribunal", "warrant", "convoy", "envoy", "embargo"]


def test_many_of_a_kind_are_one_warning_that_names_the_first_with_their_lines() -> None:
    text = "topics:\n  t:\n    terms:\n" + "".join(f"      - {term}\n" for term in MANY)

    problem = only(lints(text), "K004")

    assert problem.line == 4
    assert problem.message.startswith('9 terms do not match their plural, in topics.t: "visit" (line 4), ')
    assert problem.message.endswith(', "envoy" (line 11), and 1 more')
    assert "small boat*" in problem.hint


def test_a_few_are_each_at_their_place() -> None:
    text = "topics:\n  t:\n    terms:\n" + "".join(f"      - {term}\n" for term in MANY[:3])

    assert [(problem.code, problem.line) for problem in lints(text)] == [
        ("K004", 4),
        ("K004", 5),
        ("K004", 6),
    ]


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# lint: ok", []),
        ("# lint: K004", []),
        ("# the dinghies; lint: ok", ["K004"]),
        ("#lint: K002, K004", []),
        ("# lint: K002", ["K004"]),
        ("# fine", ["K004"]),
    ],
)
def test_a_comment_on_the_line_silences(comment: str, left: list[str]) -> None:
    text = f"topics:\n  t:\n    terms:\n      - small boat  {comment}\n"

    assert [problem.code for problem in lints(text)] == left


def test_silenced_terms_are_not_counted_among_many() -> None:
    text = "topics:\n  t:\n    terms:\n" + "".join(f"      - {term} # lint: ok\n" for term in MANY[2:])
    text += "".join(f"      - {term}\n" for term in MANY[:2])

    assert [(problem.code, problem.line) for problem in lints(text)] == [("K004", 11), ("K004", 12)]


def test_a_comment_at_the_lists_name_silences_the_list() -> None:
    text = "topics:\n  t:\n    terms: # lint: K004\n" + "".join(f"      - {term}\n" for term in MANY)
    flow = f"topics:\n  t:\n    terms: [ # lint: K004\n      {', '.join(MANY)},\n    ]\n"

    assert lints(text) == lints(flow) == ()
    assert lints(text.replace("K004", "K002")) != ()


def test_a_double_that_is_found_at_load_is_silenced_too() -> None:
    read = document("rules:\n  both:\n    - JETCO\n    - JETCO  # lint: K001\n    - JETCO\n")

    assert [p.line for p in check_whole(read)] == [4, 5]
    assert [p.line for p in loud(read, check_whole(read))] == [5]


def test_a_warning_shows_its_code() -> None:
    problem = only(lints_of(terms=["small boat"]), "K004")

    assert describe(problem).startswith('warning[K004]: "small boat" does not match its plural\n')
    assert ": warning[K004]: " in str(problem)


def test_of_a_term_that_never_matches_its_plural_is_not_asked_for() -> None:
    assert codes_of(ignore=["bone china"], terms=["bone china plant"]) == ["K007"]


def test_what_comes_from_the_environment_is_not_shown() -> None:
    assert lints("topics: {t: {terms: ['${TERM:-small boat}', '${TERM:-small-boat}']}}") == ()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    *"()\"“”',;#&*•-’中",
                    "AND",
                    "OR",
                    "NOT",
                    "NEAR/3",
                    "SAME",
                    "ATLEAST/2",
                    "title:",
                    "small boat",
                    "a*",
                ]
            ),
            max_size=9,
        ).map(" ".join)
        | st.text(max_size=12),
        max_size=6,
    )
)
def test_any_terms_can_be_linted(terms: list[str]) -> None:
    clean = [term.encode("utf-8", "replace").decode() for term in terms]
    text = "topics: {t: {terms: [" + ", ".join(
        "'" + re.sub(r"[^ -~“-”中•’]", "", t).replace("'", "''") + "'" for t in clean
    )

    assert all(problem.code in LINTS for problem in lints(f"{text}]}}}}"))


# -- docs/lint.md ------------------------------------------------------------------------------------------

PAGE = (PROJECT / "docs" / "lint.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([KS]\d{3}) \| ([^|]*) \| `([^|]*)` \| `([^|]*)` \|$", PAGE, re.MULTILINE)


def config_of(lists: str) -> str:
    """`uk: [a], terms: [b]` as a config."""
    found = dict(re.findall(r"(\w+): (\[.*?\])(?=, \w+:|$)", lists))
    sides = "".join(f"    {name}: {found.pop(name)}\n" for name in ("uk", "china") if name in found)
    topics = f"topics:\n  t:\n    terms: {found.pop('terms')}\n" if "terms" in found else ""
    rules = "".join(f"  {name}: {terms}\n" for name, terms in found.items())
    return "rules:\n  both: [JETCO]\n" + (f"  sides:\n{sides}" if sides else "") + rules + topics


def test_the_page_has_every_code_with_the_meaning_that_the_code_has() -> None:
    assert {code: means for code, means, _, _ in ROWS} == {code: one.means for code, one in LINTS.items()}


@pytest.mark.parametrize(("code", "example", "write"), [(c, e, w) for c, _, e, w in ROWS if c != "S001"])
def test_the_examples_of_the_page_are_true(code: str, example: str, write: str) -> None:
    assert [problem.code for problem in lints(config_of(example))] == [code]
    assert lints(config_of(write)) == ()


def test_every_group_has_its_sentence() -> None:
    assert all("{n}" in one.many and one.advice for one in LINTS.values())


def test_a_term_that_cannot_be_read_is_told_once_each_time_it_stands_there() -> None:
    problems = [*check_whole(document('rules: {both: [!!str , "", " "]}'))]

    assert [(problem.severity, problem.message) for problem in problems] == [
        ("error", "the term is empty")
    ] * 3
