"""What Parliament publishes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar


@dataclass(slots=True, eq=False)
class Question:
    """A written question. It is tabled first and answered days later, at the same address."""

    id: int
    uin: str
    tabled: date
    heading: str
    text: str
    house: str = "Commons"
    body: str = "Department for Business and Trade"
    answered: date | None = None
    answer: str | None = None
    """HTML."""
    corrected: date | None = None
    withdrawn: bool = False


@dataclass(slots=True, eq=False)
class Statement:
    """A written statement."""

    id: int
    uin: str
    made: date
    title: str
    text: str
    """HTML."""
    house: str = "Commons"
    body: str = "Foreign, Commonwealth and Development Office"
    role: str = "The Secretary of State"


@dataclass(slots=True, eq=False)
class Publication:
    """Something that a committee published. It may have no document at all."""

    id: int
    published: datetime
    """London time, without a zone, as all of Parliament's times."""
    description: str
    committee: str = "Foreign Affairs Committee"
    house: str = "Commons"
    kind: str = "Report"
    inquiry: str = ""
    document_ids: tuple[int, ...] = ()
    elsewhere: str | None = None
    """The address of a report's own pages."""
    hc_number: str | None = None


@dataclass(slots=True, eq=False)
class Contribution:
    """What one member said in a debate."""

    ext_id: str
    debate_ext_id: str
    debate: str
    sitting: date
    text: str
    house: str = "Commons"
    member: str = "Example Member"
    section: str = "Commons Chamber"


Entry = Question | Statement | Publication | Contribution

E = TypeVar("E", bound=Entry)


def of_kind(entries: Iterable[Entry], kind: type[E]) -> list[E]:
    """Those of one kind."""
    return [entry for entry in entries if isinstance(entry, kind)]
