"""What publishers put around an item."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.boilerplate import strip_boilerplate

BODY = "Ministers met in York. They spoke of clay."


@pytest.mark.parametrize(
    "tail",
    [
        "Continue reading...",
        "Continue reading…",
        "Continue reading “Five kilns. And more” →",
        "Read the full article here",
        "Read full story at The Gazette",
        "Read more",
        "Related: Britain and China sign a pact Continue reading...",
        "The post Kilns: what next? appeared first on Focus.",
        "The post Kilns first appeared on City Paper.",
        "Sign up to our daily newsletter.",
        "Subscribe to Gazette for a daily email.",
        "Hide Ad Hide Ad",
        "READ MORE: London and Beijing agree",
        "Related News Britain woos China Asia 28/01/2026",
        'Sources: Related Topics Related News "Send it" Africa',
        "More on this story Britain woos China Hong Kong reacts",
        "You may also like: China's clay",
        "Your support helps us to tell the story From China to Hull. Your support makes all the difference.",
        "Tags: China, Britain",
    ],
)
def test_what_follows_an_item_is_cut_on_its_own_line_and_on_the_same(tail: str) -> None:
    assert strip_boilerplate(f"{BODY}\n{tail}") == BODY
    assert strip_boilerplate(f"{BODY} {tail}") == BODY


@pytest.mark.parametrize(
    "head",
    [
        "Stay informed with free updates",
        "Stay informed with free updates Simply sign up to the Chinese crafts & trade myFT Digest "
        "— delivered directly to your inbox.",
        "Unlock the Editor’s Digest for free Ann Other, Editor of the FT, selects her favourite stories "
        "in this weekly newsletter.",
        "READ MORE: Beijing buys British clay!",
        "Your support helps us to tell the story.",
        "Continue reading this on our app.",
        "Get our free daily news email",
        "Hide Ad",
    ],
)
def test_what_precedes_an_item_is_cut_on_its_own_line_and_on_the_same(head: str) -> None:
    assert strip_boilerplate(f"{head}\n{BODY}") == BODY
    assert strip_boilerplate(f"{head} {BODY}") == BODY


def test_a_list_between_paragraphs_is_cut_and_the_article_goes_on() -> None:
    long = "The kiln burned for a week. " * 12

    text = f"{BODY}\nRelated articles\nBritain woos China\nHong Kong buys clay\n{long}\nThe end."
    text = text.replace("Related articles", "Related Articles")

    assert strip_boilerplate(text) == f"{BODY}\n{long.strip()}\nThe end."


@pytest.mark.parametrize(
    "sentence",
    [
        "Related news agencies reported that Britain and China agreed.",
        "In a related: matter, China spoke.",
        "The Related News Agency of China opened in London.",
        "Firms must sign up to the Chinese newsletter of rules.",
        "Sign up for the scheme by March, ministers told China.",
        "He wants children to read more: books, papers and maps of China.",
        "The post of ambassador to China first appeared in 1861.",
        "You can continue reading Chinese poems in London.",
        "Get the best clay from China.",
        "China-Related Topics were discussed.",
        "They stay informed with updates from China.",
    ],
)
def test_real_sentences_stay(sentence: str) -> None:
    for text in (sentence, f"{BODY} {sentence}", f"{sentence} {BODY}", f"{BODY}\n{sentence}\n{BODY}"):
        assert strip_boilerplate(text) == text


def test_a_text_cut_short_ends_in_an_ellipsis() -> None:
    assert (
        strip_boilerplate("They spoke of […]")
        == strip_boilerplate("They spoke of... [...]")
        == "They spoke of…"
    )


def test_a_source_s_own_phrases_go_in_any_case_as_whole_words() -> None:
    phrases = ("China Daily", "Paid  for by", "(AD)")

    assert strip_boilerplate("CHINA DAILY: Paid for\nby clay (ad)", phrases) == ": clay"
    assert (
        strip_boilerplate("Indochina Daily and China Dailys", phrases) == "Indochina Daily and China Dailys"
    )


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_and_phrases_are_taken_and_nothing_is_added(text: str, phrases: list[str]) -> None:
    out = strip_boilerplate(text, tuple(phrases))

    assert len(out) <= len(text) + 1
    assert strip_boilerplate("", tuple(phrases)) == ""


@pytest.mark.parametrize(
    "piece",
    [
        "The post ",
        "Sign up to ",
        "READ MORE: ",
        "Your support helps us to tell the story ",
        "Simply sign up to the ",
        ". ",
        "x. Continue reading ",
        "[…]",
        " ",
        "Related News\n",
    ],
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    started = time.perf_counter()

    for text in (piece * (200_000 // len(piece)), piece.replace(" ", "\n") * (200_000 // len(piece))):
        strip_boilerplate(text)

    assert time.perf_counter() - started < 5  # measured below 0.7; a quadratic pattern takes minutes
