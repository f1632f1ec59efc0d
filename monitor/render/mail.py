"""Core: an edition as a mail: the two parts, with the same stories, no larger than mail programs show.

Gmail cuts a message off at about 102 KB of HTML, as encoded for the way. So the mail has limits that the page
has not, and says of each section how much more is on the page.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import jinja2

from ..models import Digest
from . import words
from .coverage import CoverageView
from .encoding import encoded_size
from .environment import MAIL_PAGE, MAIL_TEXT, TemplateProblem, has_users_templates, rendered
from .footer import Footer
from .view import Block, View
from .wrap import tidied

T = TypeVar("T")

MAIL_BYTES = 80_000
"""Of the HTML part as it travels."""
IN_FULL = 40
"""Stories told in full, in all sections together."""
ROOM = {"updated": 10, "late": 10, "brief": 20}
"""Stories of a section; the top has no limit of its own."""
PER_TOPIC = 8
SOURCES = 12
"""Lines of each kind under Coverage."""
# (characters of a text, escaped characters of an address). The first are beyond what an honest feed writes,
# the second are for an edition that a feed has filled to bursting.
_MEASURES = ((300, 2000), (80, 300))
TOP = "top"
Rendered = tuple[dict[str, Any], str]
"""A template's context and what it gave."""


@dataclass(frozen=True, slots=True)
class MailBlock(Block):
    """A section, with as many of its stories as the mail has room for."""

    more: int = 0
    """How many it has beyond those."""
    more_url: str = ""
    """Where these are on the web; "" where that is nowhere."""


@dataclass(frozen=True, slots=True)
class MailView:
    """What a mail's templates may name besides the fields of View; `blocks` takes the place of View's."""

    blocks: tuple[MailBlock, ...]
    footer: Footer
    place: str
    """Where what is left out can be read: "on the web page"."""
    shown: int
    """How many stories the mail has."""
    left_out: int
    """How many it has not."""
    more_sources: int
    """Lines that Coverage has beyond those given."""
    site_url: str
    """The output folder on the web, without a slash at its end; "" where it has no address."""


def mail_parts(seen: View, digest: Digest, env: jinja2.Environment, footer: Footer) -> tuple[str, str]:
    """An edition in words → the HTML and the text part of its mail. Raises TemplateProblem.

    The HTML part has at most MAIL_BYTES as it travels. Where it would have more, the longest sections lose
    stories from their end, never the top; then long texts are shortened. A template of the user's that makes
    more than that by itself is a problem; the built-in ones always give a mail.
    """
    context, page = _fitting(seen, digest, env, footer)
    return page, tidied(rendered(env, MAIL_TEXT, context))


def _fitting(seen: View, digest: Digest, env: jinja2.Environment, footer: Footer) -> Rendered:
    """The fullest mail that is small enough."""
    generous, strict = (_Drafts(_bounded(seen, *measure), digest, env, footer) for measure in _MEASURES)
    context, page = generous.best()
    if _fits(page):
        return context, page
    context, page = strict.best()
    if not _fits(page) and has_users_templates(env):
        size = f"{encoded_size(page):,} bytes"
        raise TemplateProblem(
            f"makes a mail of {size} with hardly a story in it: {MAIL_BYTES:,} are the most, because Gmail "
            "cuts off what is longer",
            MAIL_PAGE,
        )
    return context, page


class _Drafts:
    """The mails that can be made of an edition, each with some stories less than the one before."""

    def __init__(self, view: View, digest: Digest, env: jinja2.Environment, footer: Footer) -> None:
        self._view = view
        self._digest = digest
        self._env = env
        self._footer = footer
        self._room = _within_limits(view.blocks)
        self._cuts = _order_of_cuts(view.blocks, self._room)

    def best(self) -> Rendered:
        """The fullest that fits, or the smallest."""
        whole = self._without(0)
        if _fits(whole[1]):
            return whole
        return self._without(_fewest(len(self._cuts), lambda cuts: _fits(self._without(cuts)[1])))

    def _without(self, cuts: int) -> Rendered:
        """The mail after the first so many cuts."""
        made = self._cuts[:cuts]
        kept = [room - made.count(place) for place, room in enumerate(self._room)]
        context = _context(self._view, self._digest, self._footer, kept)
        return context, rendered(self._env, MAIL_PAGE, context).strip() + "\n"


def _fits(page: str) -> bool:
    return encoded_size(page) <= MAIL_BYTES


def _fewest(most: int, enough: Callable[[int], bool]) -> int:
    """The smallest number from 1 to `most` that is enough, where more are too; `most` where none is."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _within_limits(blocks: Sequence[Block]) -> list[int]:
    """How many stories of each section a mail has room for, were there no limit of bytes."""
    room = [
        len(block.stories) if block.id == TOP else min(len(block.stories), ROOM.get(block.id, PER_TOPIC))
        for block in blocks
    ]
    in_full = [place for place, block in enumerate(blocks) if block.form == "full"]
    while sum(room[place] for place in in_full) > IN_FULL:
        longest = _longest(blocks, room, in_full)
        if longest is None:
            break
        room[longest] -= 1
    return room


def _order_of_cuts(blocks: Sequence[Block], room: Sequence[int]) -> list[int]:
    """The places of the sections that lose their last story, one after another, down to the top alone."""
    left, order = list(room), []
    while (longest := _longest(blocks, left, range(len(blocks)))) is not None:
        left[longest] -= 1
        order.append(longest)
    return order


def _longest(blocks: Sequence[Block], room: Sequence[int], places: Sequence[int]) -> int | None:
    """The place of the longest section, of several the last; None where only the top has stories."""
    others = [place for place in places if blocks[place].id != TOP and room[place]]
    return max(others, key=lambda place: (room[place], place), default=None)


def _context(view: View, digest: Digest, footer: Footer, kept: Sequence[int]) -> dict[str, Any]:
    blocks = tuple(_shown(block, room, view.url) for block, room in zip(view.blocks, kept, strict=True))
    coverage, more_sources = _shorter(view.coverage)
    short = replace(view, coverage=coverage)
    mail = MailView(
        blocks=blocks,
        footer=footer,
        place=_place(view, digest),
        shown=sum(len(block.stories) for block in blocks),
        left_out=sum(block.more for block in blocks),
        more_sources=more_sources,
        site_url=footer.archive.removesuffix("/index.html"),
    )
    return {field.name: getattr(value, field.name) for value in (short, mail) for field in fields(value)}


def _place(view: View, digest: Digest) -> str:
    """Where the whole edition is. Its page is written whatever becomes of the mail."""
    if view.url:
        return "on the web page"
    edition = digest.edition
    folder = f": {edition.digest}/{edition.name}/index.html" if edition.name else ""
    return f"on this edition's page in the archive{folder}"


def _shown(block: Block, room: int, url: str) -> MailBlock:
    whole = {field.name: getattr(block, field.name) for field in fields(block)}
    return MailBlock(
        **(whole | {"stories": block.stories[:room]}),
        more=len(block.stories) - room,
        more_url=f"{url}#{block.id}" if url else "",
    )


def _shorter(coverage: CoverageView) -> tuple[CoverageView, int]:
    """What Coverage says in a mail, and how many lines it leaves out."""
    lists = (coverage.faults, coverage.never, coverage.noted, coverage.back, coverage.remarks)
    short = replace(
        coverage,
        faults=coverage.faults[:SOURCES],
        never=coverage.never[:SOURCES],
        noted=coverage.noted[:SOURCES],
        back=coverage.back[:SOURCES],
        remarks=coverage.remarks[:SOURCES],
    )
    return short, sum(max(0, len(lines) - SOURCES) for lines in lists)


def _bounded(value: T, characters: int, of_address: int) -> T:
    """The value with every text in it, at any depth, shortened, and every longer address left out."""

    def bounded(part: Any) -> Any:
        if isinstance(part, str):
            is_address = part[:8].lower().startswith(("http://", "https://"))
            fits = len(html.escape(part)) <= of_address
            return (part if fits else "") if is_address else words.shortened(part, characters)
        if isinstance(part, tuple):
            return tuple(map(bounded, part))
        if is_dataclass(part) and not isinstance(part, type):
            inner = {field.name: bounded(getattr(part, field.name)) for field in fields(part)}
            return type(part)(**inner)
        return part

    result: T = bounded(value)
    return result
