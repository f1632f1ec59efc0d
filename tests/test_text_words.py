"""Cutting text into words and sentences."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text import first_sentence, fold, words


@given(st.text())
@example("ำ")  # a Thai vowel of two parts, of which the first is a mark
def test_every_word_can_be_found_again_in_the_source(text: str) -> None:
    cut = words(text)

    assert all(0 <= start < end <= len(text) for start, end in zip(cut.starts, cut.ends, strict=True))
    assert list(cut.starts) == sorted(cut.starts)
    assert all(cut.folds)


@given(st.text(alphabet="ABCabc '-.英國éß", max_size=40))
def test_ascii_and_other_text_are_cut_alike(text: str) -> None:
    ascii_only = "".join(char for char in text if char.isascii())

    # One letter of another script sends the text down the general road; the words before it stay the same.
    assert words(ascii_only + " 英").folds[:-1] == words(ascii_only).folds


@given(st.text(alphabet="ABCabc d.e'’‘\"“”-–—…国國.。！é É£,()`s's\u00a012_\n", max_size=40))
def test_ordinary_text_is_cut_as_any_other(text: str) -> None:
    # A character that is no ordinary one sends the text down the general road, and is then nothing.
    ordinary, general = words(text), words("\u00ad" + text)

    assert general.forms == ordinary.forms
    assert general.sentences == ordinary.sentences
    assert general.starts == tuple(start + 1 for start in ordinary.starts)
    assert general.ends == tuple(end + 1 for end in ordinary.ends)


def test_a_text_may_have_more_distinct_words_than_are_remembered() -> None:
    text = " ".join(f"word{number}" for number in range(60_000))

    cut = words(text)

    assert len(cut) == 60_000
    assert cut.quote(59_998, 60_000) == "word59998 word59999"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One here. Two there.", "One here."),
        ("Only one", "Only one"),
        ("Mr. Starmer met Dr. Li. They spoke.", "Mr. Starmer met Dr. Li."),
        ("J. Smith of the U.K. left. Bye.", "J. Smith of the U.K. left."),
        ("It cost £1.2 billion. That is a lot.", "It cost £1.2 billion."),
        ("He said: “No.” Then he left.", "He said: “No.”"),
        ("首相访华。双方会谈。", "首相访华。"),
        ("Really?! Yes.", "Really?!"),
        ("中国. China waits.", "中国."),
        ("It is China's. Beijing waits.", "It is China's."),
        ("", ""),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_half_a_character_separates_words() -> None:
    assert words("UK\ud800China").folds == ("uk", "china")


def test_fold_makes_two_writings_of_a_word_equal() -> None:
    assert fold("Café ＵＫ 中國 Ｘｉ’an") == fold("cafe uk 中国 XI'AN")
