"""The rule language against a slow, obvious reading of docs/rules.md that shares no code with the matcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.classify import RuleBook
from monitor.classify.finding import MATCHES_KEPT, WHERE
from monitor.models import Match, RuleSpec

from .conftest import make_item

# Texts and terms share most of their words, so that many terms hold.
WORDS = (
    *("China", "china", "CHINA", "UK", "uk", " U.K. ", "steel", "Steel", "tariff", "tariffs", "and", "AND"),
    *("café", "CAFÉ", "cafe\u0301", "Xi'an", "Xi’an", "Xi", "Chinatown", "Indochina", "steel-made", "5"),
    *("China's", "China’s", "UK’S", " U.K.’s ", "‘steel’", "中国", "中國", "英国", "英國", "中英", "中国’s"),
)
GAPS = (
    *[" "] * 8,
    "-",
    "–",
    " - ",
    ", ",
    ",",
    ". ",
    ". ",
    ".",
    "。",
    "” ",
    " “",
    ".” ",
    "",
    "  ",
    "' ",
    " '",
)
TERM_WORDS = (
    *("China", "china", "CHINA", "UK", "uk", "U.K.", "steel", "Steel", "tariff", "and", '"AND"', "xi'an"),
    *("café", "cafe", "Café", "Xi’an", "UK-China", "steel–made", "China's", "UK’s", "中国", "英國", "英"),
    *("steel*", "tariff*", "Chin*", "caf*", "xi*", "UK*", "中英", '"UK China"', '"steel, China"', "UK,"),
)
# For operators few words, so that the same ones meet in many ways.
FEW_WORDS = ("China", "UK", "uk", "steel", "Steel", "中")
FEW_GAPS = (*[" "] * 4, ". ", ". ", ", ", "-")
FEW_TERM_WORDS = ("China", "UK", "steel", "steel*", "中", "UK China")

EXACT = 2
"""Partners up to which NEAR and SAME are exact; of more the matcher takes the nearest only."""

# A term is ("phrase", word…) or (operator, term…); NEAR and ATLEAST have their number in second place.
Node = tuple[Any, ...]
# A place is the text it is in (0 is the title) and the numbers of its words there.
Place = tuple[int, frozenset[int]]
# A place as a match tells it: field, text, first character, words.
Told = tuple[str, str, int, str]


def a_text(most: int, words: tuple[str, ...], gaps: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A text of at most so many words."""
    pairs = st.lists(st.tuples(st.sampled_from(words), st.sampled_from(gaps)), max_size=most)
    return pairs.map(lambda pairs: "".join(word + gap for word, gap in pairs))


def texts(*alphabet: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Title, summary and text."""
    return st.tuples(a_text(4, *alphabet), a_text(8, *alphabet), a_text(6, *alphabet))


def a_phrase(words: tuple[str, ...]) -> st.SearchStrategy[Node]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2).map(lambda words: ("phrase", *words))


def an_operator(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.tuples(st.sampled_from(["OR", "AND", "NOT", "SAME"]), nodes, nodes),
        st.tuples(st.just("NEAR"), st.integers(1, 4), nodes, nodes),
        st.tuples(st.just("ATLEAST"), st.integers(1, 4), nodes),
        st.tuples(st.sampled_from(["title:", "()"]), nodes),
    )


def a_term(words: tuple[str, ...]) -> st.SearchStrategy[Node]:
    one_word = st.sampled_from(words).map(lambda word: ("phrase", word))
    return an_operator(st.recursive(one_word, an_operator, max_leaves=3))


BINDING = {"OR": 0, "AND": 1, "NOT": 1, "NEAR": 2, "SAME": 2}


def written(node: Node, within: int = 0) -> str:
    """The term as an analyst writes it, with parentheses where the binding asks for them."""
    match node:
        case ("phrase", *words):
            return " ".join(words)
        case ("()", inner):
            return f"({written(inner)})"
        case ("title:", inner):
            return f"title: {written(inner, 3)}"
        case ("ATLEAST", number, inner):
            return f"ATLEAST/{number} {written(inner, 3)}"
    operator, (left, right), binding = node[0], node[-2:], BINDING[node[0]]
    sign = f"NEAR/{node[1]}" if operator == "NEAR" else operator
    text = f"{written(left, binding)} {sign} {written(right, binding + 1)}"
    return f"({text})" if binding < within else text


# Cutting


class Piece(NamedTuple):
    """A word, or a sign that is not a mere separator."""

    form: str
    start: int
    end: int
    number: int
    """Of the word; a sign has none of its own."""
    sentence: int


PLAIN = {"é": "e", "É": "E", "\u0301": "", "’": "'", "‘": "'", "國": "国"}
APOSTROPHES = "'’‘"


def is_han(char: str) -> bool:
    return "一" <= char <= "鿿"


def is_letter(char: str) -> bool:
    return char == "\u0301" or (char.isalnum() and not is_han(char))


def word_end(text: str, at: int) -> int:
    """The end of the word that begins at `at`: letters, and apostrophes between letters."""
    if text.startswith("U.K.", at):
        return at + len("U.K.")
    if is_han(text[at]):
        return at + 1
    while is_letter(text[at]) or (text[at] in APOSTROPHES and is_letter(text[at + 1])):
        at += 1
    return at


def sentence_ends(text: str, at: int) -> bool:
    """Whether the full stop at `at` has a gap and a capital or a figure, or Chinese, after it."""
    after = text[at + 1 :].lstrip("”’")
    following = after.strip(" “‘")[:1]
    if text[at] == "。" or is_han(after[0]):
        return True
    return text[at] == "." and after[0] == " " and following.isalnum() and not following.islower()


def cut(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    padded = text + "  "
    number = sentence = at = 0
    while at < len(text):
        char = text[at]
        if is_letter(char) or is_han(char):
            end = after = word_end(padded, at)
            if padded[end - 2 : end] in {"'s", "’s", "’S"}:
                end -= 2
            elif padded[end : end + 2] == "’s" and not padded[end + 2].isalnum():
                after += 2
            form = "".join(PLAIN.get(c, c) for c in text[at:end] if c != ".")
            number += 1
            pieces.append(Piece(form, at, end, number, sentence))
            at = after
            continue
        if char in ",.。":
            pieces.append(Piece(char, at, at + 1, 0, sentence))
            sentence += char != "," and sentence_ends(padded, at)
        at += 1
    return pieces


# Matching


class CrowdedError(Exception):
    """A place has more partners than the matcher promises to look at."""


class Reading:
    """An item's texts, and where terms hold in them."""

    def __init__(self, texts: tuple[str, ...], ignore: list[Node]) -> None:
        self.sources = texts
        self.texts = [cut(text) for text in texts]
        self.gone: set[tuple[int, int]] = set()
        ignored = {place for node in ignore for place in self.places(node)}
        for where, words in sorted(ignored, key=longest_first):
            place = {(where, word) for word in words}
            if not place & self.gone:
                self.gone |= place

    def places(self, node: Node, where: tuple[int, ...] = (0, 1, 2)) -> set[Place]:
        """Where a term holds in these texts."""
        match node:
            case ("phrase", *words):
                return {place for text in where for place in self.phrase(wanted(words), text)}
            case ("()", inner):
                return self.places(inner, where)
            case ("title:", inner):
                return self.places(inner, (0,))
            case ("ATLEAST", number, inner):
                found = self.places(inner, where)
                return found if len(found) >= number else set()
        return self.joined(node, self.places(node[-2], where), self.places(node[-1], where))

    def joined(self, node: Node, left: set[Place], right: set[Place]) -> set[Place]:
        match node[0]:
            case "OR":
                return left | right
            case "AND":
                return left | right if left and right else set()
            case "NOT":
                return set() if right else left
            case "NEAR":
                return partners(left, right, lambda where, a, b: self.apart(where, a, b) <= node[1])
            case _:
                return partners(left, right, self.in_one_sentence)

    def phrase(self, words: list[tuple[str, bool]], where: int) -> Iterator[Place]:
        text = self.texts[where]
        for start in range(len(text) - len(words) + 1):
            here = range(start, start + len(words))
            if self.gone.isdisjoint((where, i) for i in here) and all(
                is_word(text[i].form, *word) for i, word in zip(here, words, strict=True)
            ):
                yield where, frozenset(here)

    def apart(self, where: int, a: frozenset[int], b: frozenset[int]) -> int:
        ours, theirs = ([n for i in words if (n := self.texts[where][i].number)] for words in (a, b))
        return min(abs(x - y) for x in ours for y in theirs)

    def in_one_sentence(self, where: int, a: frozenset[int], b: frozenset[int]) -> bool:
        return len({self.texts[where][i].sentence for i in a | b}) == 1

    def told(self, place: Place) -> Told:
        where, words = place
        first, last = self.texts[where][min(words)], self.texts[where][max(words)]
        leads = 1 if self.texts[1] else 2
        field = "title" if where == 0 else "lead" if where == leads and not first.sentence else "text"
        return field, WHERE[where], first.start, self.sources[where][first.start : last.end]


def longest_first(place: Place) -> tuple[int, ...]:
    where, words = place
    return -len(words), where, min(words), max(words), *sorted(words)


def wanted(words: list[str]) -> list[tuple[str, bool]]:
    """The words of a phrase, and whether any ending will do."""
    found = []
    for word in words:
        *others, last = cut(word.removesuffix("*"))
        found += [*((piece.form, False) for piece in others), (last.form, word.endswith("*"))]
    return found


def is_word(form: str, word: str, any_ending: bool) -> bool:
    """Small letters match both; a capital asks for one."""
    same = form.lower().startswith(word.lower()) if any_ending else form.lower() == word.lower()
    return same and all(form[i].isupper() for i in range(len(word)) if word[i].isupper())


def partners(
    left: set[Place], right: set[Place], close: Callable[[int, frozenset[int], frozenset[int]], bool]
) -> set[Place]:
    found = set()
    for where, a in left:
        near = [b for there, b in right if there == where and not a & b and close(where, a, b)]
        if len(near) > EXACT:
            raise CrowdedError
        found |= {(where, a | b) for b in near}
    return found


def first_few(told: list[Told]) -> list[Told]:
    """Of each field the first places, in reading order."""
    fields: dict[str, list[Told]] = defaultdict(list)
    for one in sorted(told, key=lambda one: (WHERE.index(one[1]), one[2])):
        fields[one[0]].append(one)
    few = [one for places in fields.values() for one in places[:MATCHES_KEPT]]
    return sorted(few, key=lambda one: (WHERE.index(one[1]), one[2]))


def judged(terms: list[Node], ignore: list[Node], texts: tuple[str, ...]) -> tuple[Match, ...]:
    """What the rule book finds of the terms in an item with these three texts."""
    book = RuleBook(RuleSpec(uk=tuple(map(written, terms)), ignore=tuple(map(written, ignore))))
    title, summary, text = texts
    return book.classify(make_item(title, summary=summary, text=text)).matches


@settings(max_examples=300, deadline=None)
@given(
    st.lists(a_term(FEW_TERM_WORDS), min_size=4, max_size=8),
    st.lists(a_phrase(FEW_TERM_WORDS) | a_term(FEW_TERM_WORDS), max_size=2),
    texts(FEW_WORDS, FEW_GAPS),
)
@example(
    [("SAME", ("NEAR", 3, ("phrase", "UK"), ("phrase", "steel")), ("phrase", "China"))],
    [],
    ("China and the UK. Steel", "", ""),
)
@example(
    [("ATLEAST", 2, ("OR", ("phrase", "UK", "China"), ("NEAR", 1, ("phrase", "UK"), ("phrase", "China"))))],
    [],
    ("UK China", "", ""),
)
def test_a_term_holds_where_a_slow_reading_says_so(
    terms: list[Node], ignore: list[Node], texts: tuple[str, ...]
) -> None:
    found = {match.term for match in judged(terms, ignore, texts)}

    for term in terms:
        with suppress(CrowdedError):
            assert (written(term) in found) is bool(Reading(texts, ignore).places(term)), written(term)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(a_phrase(TERM_WORDS), min_size=1, max_size=4),
    st.lists(a_phrase(TERM_WORDS), max_size=2),
    texts(WORDS, GAPS),
)
def test_a_phrase_is_found_where_a_slow_reading_finds_it(
    phrases: list[Node], ignore: list[Node], texts: tuple[str, ...]
) -> None:
    reading = Reading(texts, ignore)
    found = judged(phrases, ignore, texts)

    for phrase in phrases:
        expected = [reading.told(place) for place in reading.places(phrase)]
        told = [(m.field, m.where, m.start, m.text) for m in found if m.term == written(phrase)]
        assert told == first_few(expected), written(phrase)
