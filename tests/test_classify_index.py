"""What a look at a term tells of its phrases, against reading it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.classify import TermError, compile_term
from monitor.classify.index import Index
from monitor.classify.nodes import Phrase, phrases

WORDS = st.sampled_from(
    [
        *(
            "China",
            "UK",
            "U.K.",
            "uk",
            "Xi'an",
            "Hadrian's",
            "re-entry",
            "tariff*",
            "steel",
            "5",
            "2.0",
            "R&D",
        ),
        *(
            "and",
            "AC/DC",
            "BN(O)",
            "中国",
            "中國",
            "习近平’s",
            "特雷莎·梅",
            "Société",
            "£",
            "&",
            "-",
            "'",
            ".",
            ",",
        ),
        '"Xi OR"',
    ]
)
GLUE = st.sampled_from(
    [
        *(" ", "  ", "-", ",", " AND ", " OR ", " NOT ", " SAME ", " NEAR/5 ", " OR(", " OR-", "OR", "*"),
        *("(", ")", " (", ") ", " ((", "))", "ATLEAST/2 ", "title:", "title: ", " ^2", "^"),
    ]
)
TERMS = st.lists(st.tuples(WORDS, GLUE).map("".join), min_size=1, max_size=6).map("".join)


@given(TERMS | st.tuples(TERMS, WORDS).map("".join))
@example("UK NEAR/5 (China OR steel tariff*) ^2")
@example("title:(UK OR China) AND steel")
@example("ATLEAST/2 (UK OR China)")
@example("中国 NOT (中國 OR 习近平)")
def test_a_term_is_found_by_the_first_word_of_each_of_its_phrases(term: str) -> None:
    try:
        node = compile_term(term).node
    except TermError:
        return
    index = Index({term: None}.keys())

    for phrase in phrases(node):
        assert phrase in list(index.beginning(phrase.words[0].fold))
    if isinstance(node, Phrase):
        assert set(index.asked_by[node.key]) == {term}


@pytest.mark.parametrize(
    ("term", "asking"),
    [
        ("steel NEAR/5 (UK OR China)", {"steel"}),
        ("steel NOT (UK OR China)", {"steel"}),
        ("steel AND UK ^2", {"steel"}),
        ("steel AND UK OR China", {"steel", "UK", "China"}),
        ("(steel OR UK) SAME China", {"steel", "UK", "China"}),
        ("ATLEAST/2 (steel OR UK)", {"steel", "UK"}),
        ("title: (steel OR UK)", {"steel", "UK"}),
    ],
)
def test_a_term_is_asked_for_by_a_phrase_it_cannot_do_without_or_by_all(term: str, asking: set[str]) -> None:
    index = Index({term: None}.keys())
    for phrase in phrases(compile_term(term).node):
        list(index.beginning(phrase.words[0].fold))

    assert {phrase for phrase, terms in index.asked_by.items() if term in terms} == asking
