"""Reading a term: what is accepted, and what a mistake is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classify import TermError, check_term, compile_term


@pytest.mark.parametrize(
    ("term", "column", "says", "hint"),
    [
        ("", 0, "empty", "write a word"),
        ("   ", 0, "empty", ""),
        ("*", 0, "beginning of a word", "tariff*"),
        ("tar*iff", 3, "comes last", "tar*"),
        ("英国*", 2, "need no *", "英国"),
        ("steel NEAR Jingye", 6, "NEAR needs a number", "NEAR/5"),
        ("steel NEAR/x Jingye", 6, "NEAR needs a number", "NEAR/5"),
        ("steel NEAR/0 Jingye", 6, "out of range", "NEAR/1 to NEAR/100"),
        ("steel NEAR/99999999999 Jingye", 6, "out of range", ""),
        ("steel near/5 Jingye", 6, "small letters", "NEAR/5"),
        ("ATLEAST China", 0, "ATLEAST needs a number", "ATLEAST/3"),
        ("NOT China", 0, "needs something before it", ""),
        ("China AND", 9, "missing after AND", ""),
        ("China AND OR UK", 10, "needs something before it", ""),
        ("(China OR UK", 0, "never closed", ")"),
        ("China OR UK)", 11, "never opened", ""),
        ("()", 1, "never opened", ""),
        ('"BN(O)', 0, "never closed", '"'),
        ("China (UK)", 6, "operator is missing", "AND"),
        ("China ^2 UK", 9, "nothing may follow", "end"),
        ("(China ^2) OR UK", 7, "at the end", "after the last parenthesis"),
        ("China ^0", 6, "a weight is more than 0 and at most 9", "^2"),
        ("China ^x", 6, "not a weight", "^2"),
        ("titel: China", 0, "not a field", "title:"),
        ("summary: tariff", 0, "not a field", "title:"),
        ("A NEAR5 B", 2, "not an operator", "NEAR/5"),
        ("embassy^2", 7, "stands apart", "embassy ^2"),
        ("steel NEAR/5x Jingye", 6, "not an operator", "NEAR/5"),
        ("steel NEAR/-1 x", 6, "NEAR", "NEAR/5"),
        ("steel SAME/2 x", 6, "not an operator", "SAME"),
        ("steel W/5 Jingye", 6, "not an operator", "NEAR/5"),
        ("*steel", 0, "comes last", "steel*"),
        ("A && B", 2, "not an operator", "AND"),
        ("A | B", 2, "not an operator", "OR"),
        ("!", 0, "no word", ""),
        ('"."', 0, "no word", ""),
        ("steel NOT()", 10, "never opened", ""),
        ('""', 0, "no word", ""),
        ("-", 0, "no word", ""),
        ("x" * 10_000, 0, "1,000 characters", "several terms"),
        ("(" * 400 + "a" + ")" * 400, 20, "levels", "take away parentheses"),
        ("title: " * 100 + "a", 140, "levels", ""),
    ],
)
def test_a_bad_term_is_told_what_where_and_what_to_write(
    term: str, column: int, says: str, hint: str
) -> None:
    with pytest.raises(TermError) as caught:
        compile_term(term)

    assert says in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.column == column


@pytest.mark.parametrize(
    "term",
    [
        "China",
        "market access",
        "law and order",
        "BN(O)",
        "R&D",
        "£",
        "tariff*",
        "rare earth*",
        '"NOT" AND China',
        "A OR B NOT C AND D",
        "ATLEAST/3 (China OR Chinese)",
        "title:China",
        "title: (China OR Beijing) AND UK",
        "(steel OR Scunthorpe) NEAR/5 Jingye SAME London ^2",
        "唐宁街",
        "https://example.org/page",
        "Xi’an",
    ],
)
def test_a_good_term_keeps_its_source(term: str) -> None:
    assert compile_term(term).source == term


@pytest.mark.parametrize("operator", ["AND", "OR", "NOT", "SAME", "NEAR/5"])
def test_a_parenthesis_may_follow_its_operator_without_a_space(operator: str) -> None:
    assert compile_term(f"A {operator}(B)").node == compile_term(f"A {operator} (B)").node


def test_a_weight_is_one_unless_given() -> None:
    assert compile_term("China").weight == 1
    assert compile_term("China ^2").weight == 2
    assert compile_term("China ^0.5").weight == 0.5


PIECES = (
    *(
        "China",
        "U.K.",
        "Xi's",
        "tariff*",
        "a-b",
        "-",
        "*",
        "'",
        "&",
        "£",
        "唐宁街",
        "é",
        "(",
        ")",
        '"',
        "^2",
        "^0",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "SAME",
        "NEAR/5",
        "NEAR/0",
        "NEAR/101",
        "NEAR",
        "NEAR5",
        "ATLEAST/3",
        "title:",
        "w/5",
    ),
    *("near/3", "ORANGE", "NOTHING", "SAMECHINA", "NEARBY", "and", " ", "  ", "\t", "x" * 400),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
@settings(max_examples=2_000, deadline=None)
def test_a_look_finds_a_mistake_where_reading_does(pieces: list[str], between: str) -> None:
    term = between.join(pieces)
    try:
        compile_term(term)
    except TermError:
        with pytest.raises(TermError):
            check_term(term)
    else:
        check_term(term)
