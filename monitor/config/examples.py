"""Border: tests of the rules that users write by hand, as a YAML list → Expectations, or every problem.

- name: plural of small boat
  text: UK and China agree on small boats
  expect: [migration]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from ..models import Problem
from .error import ConfigError
from .problems import describe, did_you_mean
from .tree import Listing, Node, Reader, Scalar
from .values import Document, Loc, Trap, Value

KEYS = (
    "name",
    "text",
    "title",
    "summary",
    "item",
    "url",
    "source",
    "side",
    "expect",
    "relevant",
    "not",
    "todo",
)
SUBJECTS = ("text", "title", "item", "url")
SIDES = ("uk", "china", "both", "none")
OTHER_NAMES = {"topics": "expect", "source_side": "side", "id": "name"}
"""Keys of a JSONL corpus, which has other words for the same."""

SideName = Literal["uk", "china", "both", "none"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One test: a text or a stored item, and what the rules should say of it."""

    line: int
    column: int
    name: str
    """What its author calls it, else its title; "" where the stored item has that."""
    title: str = ""
    summary: str = ""
    ref: str = ""
    """The id or address of a stored item, which stands in place of title and summary."""
    source: str | None = None
    side: SideName | None = None
    relevant: bool | None = None
    topics: tuple[str, ...] | None = None
    """Topics that must be among the result; () for not relevant."""
    unwanted: tuple[str, ...] = ()
    todo: bool = False


class ExamplesError(ConfigError):
    """A file of tests cannot be used: `problems` are all that were found, in the order of the file."""

    def told(self, *, colour: bool = False) -> str:
        """Each problem with its line of the file, then their number."""
        described = "\n".join(describe(problem, colour) for problem in self.problems)
        count = f"{len(self.problems)} {'problem' if len(self.problems) == 1 else 'problems'}"
        return f"{described}\nmonitor: {count} in {self.problems[0].file}; nothing was tested"


def read_tests(
    text: str, file: Path, *, topics: Collection[str], sources: Collection[str]
) -> tuple[Expectation, ...]:
    """The tests of a file, checked against the ids of the config. Raises ExamplesError with every problem."""
    try:
        document, nodes = _document(text, file)
    except ConfigError as error:
        raise ExamplesError(error.problems) from None
    entries = [_Entry(document, at, topics, sources) for at in range(len(nodes))]
    read = [entry.expectation(node) for entry, node in zip(entries, nodes, strict=True)]
    problems = (*document.problems, *(problem for entry in entries for problem in entry.problems))
    if problems:
        raise ExamplesError(tuple(sorted(problems, key=lambda problem: (problem.line, problem.column))))
    return tuple(read)


def _document(text: str, file: Path) -> tuple[Document, Sequence[Node]]:
    reader = Reader(text, str(file))
    root = reader.read()
    if reader.problems:
        raise ConfigError(tuple(reader.problems))
    if not isinstance(root, Listing):
        message, hint = "expected a list of tests", 'begin each with "- text: …"'
        problem = reader.problem(root.place, message, hint) if root else None
        raise ConfigError((problem or Problem("there is no test in this file", str(file), 1, 1, hint),))
    return Document(reader, root, {}), root.items


@dataclass(slots=True)
class _Entry:
    """One entry of the list, being read."""

    document: Document
    at: int
    topics: Collection[str]
    sources: Collection[str]
    problems: list[Problem] = field(default_factory=list)

    def expectation(self, node: Node) -> Expectation:
        """The entry as a value; it means something only where no problem was found."""
        line, column = node.place.line, node.place.column
        if not isinstance(self.document.at((self.at,)), dict):
            self._complain((), "expected a test, with keys and values", 'write "- text: …" and "expect: […]"')
            return Expectation(line, column, "")
        self._check_keys()
        title, summary, ref = self._subject()
        relevant, topics, unwanted = self._expected()
        return Expectation(
            line,
            column,
            name=self._text("name") or title,
            title=title,
            summary=summary,
            ref=ref,
            source=self._choice("source", self.sources),
            side=cast("SideName | None", self._choice("side", SIDES)),
            relevant=relevant,
            topics=topics,
            unwanted=unwanted,
            todo=bool(self._flag("todo")),
        )

    def _check_keys(self) -> None:
        for key in self._keys():
            if key not in KEYS:
                other = OTHER_NAMES.get(key)
                near = f'write "{other}"' if other else did_you_mean(key, KEYS)
                self._complain((key,), f'unknown key "{key}"', near or f"known: {', '.join(KEYS)}", key=True)
            elif self._value(key) is None:
                self._complain((key,), f'"{key}" is empty', "give it a value, or delete the line")

    def _subject(self) -> tuple[str, str, str]:
        """(title, summary, reference to a stored item): of these one or the other."""
        given = [key for key in SUBJECTS if key in self._keys()]
        if not given:
            self._complain(
                (), "what is to be tested?", 'give a "text", a "title", or a stored "item" or "url"'
            )
            return "", "", ""
        if len(given) > 1:
            self._complain((given[1],), f'"{given[0]}" and "{given[1]}" in one test', "keep one", key=True)
        if "summary" in self._keys() and given[0] != "title":
            hint = 'write "title" for what is "text" here' if given[0] == "text" else "delete it"
            self._complain(("summary",), f'"summary" beside "{given[0]}"', hint, key=True)
        if given[0] == "title":
            return " ".join(self._text("title").split()), self._text("summary"), ""
        if given[0] == "text":
            # As `explain` reads a pasted text.
            title, _, rest = self._text("text").partition("\n")
            return title.strip(), " ".join(rest.split()), ""
        return "", "", self._stored(given[0])

    def _stored(self, key: str) -> str:
        if key == "item":
            number = self._text(key)
            if number and not re.fullmatch("[0-9]{1,18}", number):
                self._wrong(key, "the number of a stored item", 'for an address write "url: …"')
            return number
        address = self._text(key)
        if address and "://" not in address:
            self._wrong(key, "the address of a stored item", 'for its number write "item: …"')
        return address

    def _expected(self) -> tuple[bool | None, tuple[str, ...] | None, tuple[str, ...]]:
        """(relevant, topics that must be there, topics that must not be there)."""
        relevant, topics, unwanted = self._flag("relevant"), self._topics("expect"), self._topics("not") or ()
        # With an unknown key, one of these may have been meant.
        if not {"expect", "relevant", "not"} & self._keys().keys() and self._keys().keys() <= {*KEYS}:
            hint = 'give "expect: [topics]", "relevant: true" or false, or "not: [topics]"'
            self._complain((), "the test expects nothing", hint)
        for topic in unwanted:
            if topic in (topics or ()):
                self._complain(("not",), f'"{topic}" is expected and not expected', "keep one", key=True)
        if relevant is False and topics:
            hint = "topics are for what is relevant: delete one of the two lines"
            self._complain(("relevant",), 'not relevant, and yet "expect" has topics', hint, key=True)
        if relevant and topics == ():
            hint = '"expect: []" means not relevant: delete one of the two lines'
            self._complain(("relevant",), 'relevant, and yet "expect" is []', hint, key=True)
        return (bool(topics) if topics is not None else relevant), topics, unwanted

    def _topics(self, key: str) -> tuple[str, ...] | None:
        value = self._value(key)
        if value is None:
            return None
        names = value if isinstance(value, list) else [value]
        for number, name in enumerate(names):
            loc: Loc = (key, number) if isinstance(value, list) else (key,)
            word = _word(name)
            if word is None:
                self._complain(loc, "expected a topic", f"known: {', '.join(self.topics)}")
            elif word not in self.topics:
                self._complain(
                    loc, f'there is no topic "{word}" in the config', self._nearest(word, self.topics)
                )
        return tuple(dict.fromkeys(_word(name) or "" for name in names))

    def _choice(self, key: str, known: Collection[str]) -> str | None:
        word = _word(self._value(key))
        if key in self._keys() and word not in known:
            self._complain((key,), f'there is no {key} "{word or ""}"', self._nearest(word or "", known))
        return word

    def _nearest(self, word: str, known: Collection[str]) -> str:
        return did_you_mean(word, known) or f"known: {', '.join(known) or 'none'}"

    def _flag(self, key: str) -> bool | None:
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return value
        reading = value.reading if isinstance(value, Trap) else ""
        self._wrong(key, "true or false", f"write {reading}" if reading in ("true", "false") else "")
        return None

    def _text(self, key: str) -> str:
        """Any single value as it is written: in a test nothing hangs on how YAML reads `2026` or `NO`."""
        value, node = self._value(key), self.document.node((self.at, key))
        if value is None:
            return ""
        if not isinstance(node, Scalar):
            self._wrong(key, "text", 'put quotes round a text that begins with [ or has ": " in it')
            return ""
        text = value if isinstance(value, str) else node.text
        if not text.strip():
            self._complain((key,), f'"{key}" is empty', "give it a value, or delete the line")
        return text.strip()

    def _keys(self) -> dict[str, Value]:
        entry = self.document.at((self.at,))
        return entry if isinstance(entry, dict) else {}

    def _value(self, key: str) -> Value:
        return self._keys().get(key)

    def _wrong(self, key: str, wanted: str, hint: str) -> None:
        self._complain((key,), f'"{key}" is not {wanted}', hint)

    def _complain(self, loc: Loc, message: str, hint: str, *, key: bool = False) -> None:
        self.problems.append(self.document.error((self.at, *loc), message, hint, key=key))


def _word(value: Value) -> str | None:
    """A single value as it may be meant; None for nothing, a list or a mapping."""
    if value is None or isinstance(value, list | dict):
        return None
    if isinstance(value, Trap):
        return value.text
    return str(value).lower() if isinstance(value, bool) else str(value)
