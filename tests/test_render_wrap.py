from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.render.wrap import width, wrap


def test_a_paragraph_is_indented_and_broken_between_words() -> None:
    assert wrap("one two three four", 2, 4, 12) == "  one two\n    three\n    four"


def test_wide_characters_count_as_two_columns_and_combining_marks_as_none() -> None:
    assert (width("abc"), width("中文"), width("e\u0301"), width("“x”")) == (3, 4, 1, 3)


def test_chinese_is_broken_between_characters_but_not_before_a_comma_or_after_an_opening_bracket() -> None:
    assert wrap("一二三，四五", 0, 0, 6) == "一二\n三，四\n五"
    assert wrap("一二《三四》", 0, 0, 6) == "一二\n《三\n四》"


def test_latin_words_among_chinese_stay_whole() -> None:
    assert wrap("中国GDP增长", 0, 0, 6) == "中国\nGDP增\n长"


def test_an_address_is_never_broken() -> None:
    address = "<https://a.example/" + "x" * 90 + ">"

    assert wrap(f"See {address} now", 2, 2, 40) == f"  See\n  {address}\n  now"


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert wrap("x" * 25, 2, 2, 12) == "\n".join(["  " + "x" * 10, "  " + "x" * 10, "  " + "x" * 5])


def test_nothing_gives_nothing() -> None:
    assert wrap("") == wrap(" \n ") == ""


@given(st.text(), st.integers(0, 6), st.integers(0, 6))
def test_no_character_is_lost_and_no_line_too_long(text: str, indent: int, hanging: int) -> None:
    wrapped = wrap(text, indent, hanging, 24)

    assert "".join(wrapped.split()) == "".join(text.split())
    assert all(width(line) <= 24 or "://" in line for line in wrapped.split("\n"))
