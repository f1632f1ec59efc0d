"""The rule language at work: DESIGN section 5, line by line, then the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.classify import RuleBook, TermError
from monitor.models import Match, RelevanceWeights, RuleSpec, Verdict

from .conftest import make_item


def matched(term: str, title: str, summary: str = "", *, ignore: tuple[str, ...] = ()) -> list[str]:
    """The words of an item that one term matches."""
    book = RuleBook(RuleSpec(uk=(term,), ignore=ignore))
    return [match.text for match in book.classify(make_item(title, summary=summary)).matches]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        # whole words
        ("UK", "The UK and China", ["UK"]),
        ("US", "Give us a chance", []),
        ("China", "Indochinaware and Chinatown", []),
        ("Xi", "Xi'an hosts Taxi drivers", []),
        # hyphens, dashes and spaces are the same
        ("UK China", "UK-China, UK–China and UK — China", ["UK-China", "UK–China", "UK — China"]),
        ("UK-China", "The UK China dialogue", ["UK China"]),
        ("Rolls-Royce", "Rolls Royce", ["Rolls Royce"]),
        (
            "market access",
            "market\u00a0access, market\u2011access",
            ["market\u00a0access", "market\u2011access"],
        ),
        ("market access", "the market, access to it", []),
        # apostrophes and possessives
        ("People's Bank", "The People’s Bank", ["People’s Bank"]),
        ("China", "China's and China’s", ["China", "China"]),
        ("China", "CHINA'S plan", ["CHINA"]),
        ("UK trade", "The U.K.'s trade and the U.K.’s trade", ["U.K.'s trade", "U.K.’s trade"]),
        ("习近平 visit", "习近平’s visit", ["习近平’s visit"]),
        # accents and other writings of one word
        ("Sao Tome", "São Tomé", ["São Tomé"]),
        ("Société", "SOCIETE and Société", ["SOCIETE", "Société"]),
        ("strasse", "Straße", ["Straße"]),
        ("cafe", "cafe\u0301 society", ["cafe\u0301"]),
        ("UK", "the U.K. and the U.K.", ["U.K.", "U.K."]),
        ("U.K.", "the UK", ["UK"]),
        ("UK", "ＵＫ", ["ＵＫ"]),
        # quotation marks are transparent
        ("super embassy", "China’s ‘super’ embassy and “super-embassy”", ["super’ embassy", "super-embassy"]),
        # capitals in a term are required, small letters match both
        ("China", "china and CHINA", ["CHINA"]),
        ("UK", "uk", []),
        ("tariff", "Tariff TARIFF tariff", ["Tariff", "TARIFF", "tariff"]),
        ("Xi Jinping", "XI JINPING met xi jinping", ["XI JINPING"]),
        # any ending
        ("tariff*", "Tariffs on tariff-free goods", ["Tariffs", "tariff"]),
        ("rare earth*", "rare earths", ["rare earths"]),
        ("Uyghur*", "uyghurs", []),
        # literals and parentheses inside a word
        ("BN(O)", "BN(O) visa, BN (O)", ["BN(O)", "BN (O)"]),
        ('"BN(O)"', "the BN(O) route", ["BN(O)"]),
        ('"AND"', "this AND that", ["AND"]),
        ("R&D", "R&D spending", ["R&D"]),
        ("£", "a £1bn deal", ["£"]),
        # Chinese
        ("英国", "英國首相訪華", ["英國"]),
        ("英國", "英国首相", ["英国"]),
        ("中英", "关于中英关系的谈话", ["中英"]),
        ("唐宁街", "唐寧街十號", ["唐寧街"]),
        ("MI5", "英国MI5警告", ["MI5"]),
    ],
)
def test_words_and_phrases(term: str, text: str, found: list[str]) -> None:
    assert matched(term, text) == found


@pytest.mark.parametrize(
    ("term", "text", "holds"),
    [
        ("steel AND Jingye", "Jingye sells steel", True),
        ("steel AND Jingye", "Jingye sells coal", False),
        ("steel OR coal", "coal", True),
        ("steel NOT coal", "steel", True),
        ("steel NOT coal", "steel and coal", False),
        ("steel AND (Jingye OR Tata)", "Tata steel", True),
        ("steel AND (Jingye OR Tata)", "steel", False),
        ("coal OR steel AND Jingye", "coal", True),
        ("steel NEAR/5 Jingye", "steel one two three four Jingye", True),
        ("steel NEAR/5 Jingye", "steel one two three four five Jingye", False),
        ("steel NEAR/5 Jingye", "Jingye, the owner, of steel", True),
        ("steel NEAR/1 Jingye", "Jingye steel", True),
        ("steel NEAR/5 steel*", "steel", False),
        ("steel SAME Jingye", "Jingye left. It made steel.", False),
        ("steel SAME Jingye", "It rained. Jingye left the steel works for good. Fine.", True),
        ("steel SAME Jingye", "Mr. Li of Jingye vs. the steel lobby", True),
        ("ATLEAST/3 China", "China, China", False),
        ("ATLEAST/3 China", "China, China and China's", True),
        ("(UK OR British) NEAR/3 steel", "British-made steel", True),
        ("UK NEAR/4 sanction* NEAR/8 China", "UK hits China with sanctions", True),
        ("(steel SAME Jingye) NEAR/3 British", "Jingye to keep British steel works", True),
        ("aa NEAR/5 bb NEAR/5 cc", "aa bb x x x bb x x x x cc", True),
    ],
)
def test_operators(term: str, text: str, holds: bool) -> None:
    assert bool(matched(term, text)) is holds


def test_near_and_same_stay_within_one_field_while_and_spans_them() -> None:
    assert matched("steel NEAR/5 Jingye", "steel", "Jingye") == []
    assert matched("steel SAME Jingye", "steel", "Jingye") == []
    assert matched("steel AND Jingye", "steel", "Jingye") == ["steel", "Jingye"]


def test_title_looks_at_the_title_alone() -> None:
    assert matched("title: China", "Tea", "China and the UK") == []
    assert matched("title: China", "China", "China") == ["China"]
    assert matched("title: China AND UK", "China", "the UK") == ["China", "UK"]
    assert matched("title: (China AND UK)", "China", "the UK") == []


@pytest.mark.parametrize(
    ("ignore", "text", "found"),
    [
        (("bone china", "Bone China"), "BONE CHINA and China", ["China"]),
        (("China shop",), "a China shop in China", ["China"]),
        (("china",), "China", []),
        # the longest goes first, so the shorter one finds nothing left of it
        (("great China", "great China wall"), "great China wall, great China", []),
        # a phrase does not run across words that were taken away
        (("very",), "very China", ["China"]),
        (("China NEAR/3 plates",), "China made plates, China", ["China"]),
    ],
)
def test_ignore_takes_its_words_away_first(ignore: tuple[str, ...], text: str, found: list[str]) -> None:
    assert matched("China", text, ignore=ignore) == found


def test_a_phrase_does_not_close_over_ignored_words() -> None:
    assert matched("trade talks", "trade bone china talks", ignore=("bone china",)) == []


RULES = RuleSpec(
    uk=("UK", "Britain", "Starmer"),
    china=("China", "Beijing"),
    both=("UK-China", "JETCO"),
    elsewhere=("Canada", "India", "Japan"),
    exclude=("horoscope",),
    topics=(
        ("diplomacy", ("visit*", "summit", "embassy ^2")),
        ("trade", ("tariff*", "market access", "trade")),
        ("security", ("spy*", "security", "national security")),
    ),
    weights=RelevanceWeights(),
)
BOOK = RuleBook(RULES)


def judge(title: str, summary: str = "", *, side: str | None = None, text: str = "") -> Verdict:
    return BOOK.classify(make_item(title, summary=summary, text=text), side)  # type: ignore[arg-type]


def test_both_sides_are_asked_for() -> None:
    assert judge("Britain and China").relevant
    assert judge("Britain and France").reason == "UK yes, China no"
    assert judge("China and France").reason == "China yes, UK no"
    assert judge("France and Spain").reason == "no term of the UK or of China"


def test_a_source_implies_its_side_so_only_the_other_is_asked_for() -> None:
    assert judge("Minister visits Beijing", side="uk").relevant
    assert not judge("Minister visits Paris", side="uk").relevant
    assert judge("Britain raised in talks", side="china").relevant
    assert not judge("China in talks", side="china").relevant
    assert judge("New dialogue", "It opens today in Beijing.", side="both").relevant
    assert not judge("New dialogue", side="both").relevant


def test_a_name_of_the_relation_needs_no_side() -> None:
    assert judge("JETCO meets").relevant
    assert judge("Talks open", "Dinner first. JETCO follows.").relevant


def test_places_weigh_three_two_one() -> None:
    assert judge("Britain", "China leads. More.").parts[:2] == (("uk", 3.0), ("china", 2.0))
    assert judge("Britain", "More first. Then China.").parts[:2] == (("uk", 3.0), ("china", 1.0))
    assert judge("Tea", "Tea first. Then China and Britain.").reason == "2 points, 3 needed"


def test_without_a_summary_the_first_sentence_of_the_text_leads() -> None:
    assert judge("Britain", text="China leads. More.").parts[1] == ("china", 2.0)


def test_third_countries_count_against_a_passing_mention() -> None:
    assert judge("Canada and China seal a pact", "Britain watches.").relevant is False
    assert judge("Canada and China seal a pact", "Britain watches.").parts[-1] == ("elsewhere", -4.0)
    assert judge("Britain, Canada and China").parts[-1] == ("elsewhere", -2.0)
    assert judge("Britain and China", "Canada, India and Japan follow.").parts[-1] == ("elsewhere", -2.0)
    assert judge("Britain and China", "Tea first. Canada, India and Japan follow.").parts[-1][1] == -1.0


def test_a_longer_text_takes_nothing_out_that_title_and_summary_put_in() -> None:
    summary, text = "Tea first. Then Beijing.", "Canada and India are in the text."
    verdict = judge("New dialogue", summary, side="uk", text=text)

    assert not judge("New dialogue", f"{summary} {text}", side="uk").relevant
    assert verdict == judge("New dialogue", summary, side="uk")
    assert verdict.parts == (("uk", 2.0), ("china", 1.0), ("both", 0.0), ("elsewhere", 0.0))
    assert verdict.reason == "3 points, 3 needed"
    assert [match.text for match in verdict.matches] == ["Beijing"]


def test_a_longer_text_that_takes_nothing_out_counts() -> None:
    verdict = judge("Britain and China", "Tea first.", text="Canada follows.")

    assert verdict.parts[-1] == ("elsewhere", -1.0)
    assert [match.text for match in verdict.matches] == ["Britain", "China", "Canada"]


def test_a_longer_text_brings_in_what_title_and_summary_leave_out() -> None:
    assert judge("Britain's ships", "Tea first. Then more tea.", text="They sail to China.").relevant


def test_a_longer_text_of_an_item_that_is_out_without_it_tells_why_it_is_out() -> None:
    verdict = judge("Canada and China seal a pact", "Britain watches.", text="So does India.")

    assert not verdict.relevant
    assert verdict.matches[-1].text == "India"


def test_an_excluded_word_in_a_longer_text_puts_the_item_out() -> None:
    verdict = judge("Britain and China", "Tea first.", text="Your horoscope for today.")

    assert verdict.reason == 'out: "horoscope" is on the exclude list'


def test_the_name_of_a_third_country_takes_its_words_with_it() -> None:
    spec = RuleSpec(
        uk=("Wales", "London"), china=("China",), elsewhere=("New South Wales", "Ontario SAME London")
    )
    book = RuleBook(spec)

    def sides(title: str) -> list[str]:
        return [match.text for match in book.classify(make_item(title)).matches if match.role == "uk"]

    assert sides("Wine from New South Wales for China") == []
    assert sides("Wine from New South Wales and from Wales for China") == ["Wales"]
    # What stands between the words of an expression is not part of a name.
    assert sides("Ontario and London court China") == ["London"]


def test_an_excluded_word_puts_the_item_out_and_says_so() -> None:
    verdict = judge("Britain and China horoscope")

    assert not verdict.relevant
    assert verdict.reason == 'out: "horoscope" is on the exclude list'


def test_an_item_has_many_topics_and_the_primary_one_first() -> None:
    verdict = judge("Starmer visit to Beijing", "Tariffs and market access lead the agenda. Spying is next.")

    assert verdict.topics == ("diplomacy", "trade")


def test_the_primary_topic_has_the_best_field_then_most_terms_then_config_order() -> None:
    assert judge("UK-China trade", "A visit to the embassy at the summit.").topics[0] == "trade"
    assert judge("UK-China trade and tariffs on a visit").topics[0] == "trade"
    assert judge("UK-China trade visit").topics[0] == "diplomacy"
    assert judge("UK-China trade, tariffs and an embassy").topics[0] == "diplomacy"


def test_one_word_counts_once_in_a_topic_and_the_longest_term_takes_it() -> None:
    terms = [m.term for m in judge("UK-China national security").matches if m.topic]

    assert terms == ["national security"]


def test_a_relevant_item_without_topic_takes_the_fallback() -> None:
    book = RuleBook(replace(RULES, weights=RelevanceWeights(fallback_topic="trade")))

    assert BOOK.classify(make_item("UK-China")).topics == ()
    assert book.classify(make_item("UK-China")).topics == ("trade",)


def test_an_irrelevant_item_has_no_topic_but_keeps_its_matches() -> None:
    verdict = judge("France and China talk trade")

    assert verdict.topics == ()
    assert [m.term for m in verdict.matches] == ["China", "trade"]


def test_every_match_says_where_it_stands() -> None:
    item = make_item("UK’s plan", summary="Talks on “market–access” open.", text="More in China.")

    matches = BOOK.classify(item).matches

    assert [getattr(item, m.where)[m.start : m.start + len(m.text)] for m in matches] == [
        m.text for m in matches
    ]
    assert [(m.text, m.field) for m in matches] == [
        ("UK", "title"),
        ("market–access", "lead"),
        ("China", "text"),
    ]
    assert isinstance(matches[0], Match)


def test_the_version_changes_with_the_rules_and_only_then() -> None:
    assert RuleBook(RULES).version == BOOK.version
    assert RuleBook(replace(RULES, uk=(*RULES.uk, "Wales"))).version != BOOK.version
    assert RuleBook(replace(RULES, weights=RelevanceWeights(threshold=4))).version != BOOK.version
    assert BOOK.classify(make_item("x")).rules_version == BOOK.version


def test_a_book_of_terms_that_were_checked_before_is_the_same() -> None:
    item = make_item("UK and China talk")

    assert RuleBook.of_checked(RULES).classify(item) == BOOK.classify(item)
    with pytest.raises(TermError):
        RuleBook.of_checked(RuleSpec(uk=("UK (China",))).classify(item)


def test_a_page_of_chinese_without_a_gap_is_judged_in_bounded_time() -> None:
    terms = tuple(f"中{chr(0x4E00 + number)}{chr(0x5E00 + number)}" for number in range(2_000))
    book = RuleBook(RuleSpec(uk=("英国", *terms), china=("中国", "中 NEAR/5 英")))

    assert book.classify(make_item("中国英国", text="中国和英国举行会谈，" * 2_000)).relevant


def test_a_page_full_of_one_word_is_judged_in_bounded_time() -> None:
    book = RuleBook(RuleSpec(uk=("UK NEAR/100 China", "UK SAME China", "ATLEAST/100 UK"), china=("China",)))

    assert book.classify(make_item("UK and China", text="UK China " * 10_000)).relevant
