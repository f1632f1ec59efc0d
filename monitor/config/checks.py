"""Border: what only the whole file can tell: names that must be known, terms that must compile, doubles.

Works on the values as they stand in the file, so that these problems are found beside all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from .. import parliament
from ..classify import TermError, check_term
from ..govuk import FINDERS, is_forbidden
from ..models import ARCHIVE_FOLDERS, Problem
from .fields import CHOOSE, FORBIDDEN
from .hosts import is_loopback
from .problems import did_you_mean
from .schema import FORMS, GovukSection, ParliamentSection, SourceSection
from .sources import govuk_feed, parliament_list
from .values import Document, Loc, Value

_FOLDER_CHARS = 100
_NO_DIGEST = (*ARCHIVE_FOLDERS, "latest", "preview")
_LISTS: tuple[Loc, ...] = (
    ("rules", "sides", "uk"),
    ("rules", "sides", "china"),
    ("rules", "both"),
    ("rules", "ignore"),
    ("rules", "elsewhere"),
    ("rules", "exclude"),
)


def check_whole(document: Document) -> Iterator[Problem]:
    """Errors, and warnings about doubles, in no order."""
    yield from _sources(document)
    yield from _terms(document)
    yield from _topics(document)
    yield from _folders(document)
    yield from _digests(document)
    yield from _mail(document)


def check_sense(document: Document) -> Iterator[Problem]:
    """Warnings about a file without errors that runs, but hardly as it is meant."""
    yield from _empty_topics(document)
    yield from _schedules(document)
    yield from _nothing_to_do(document)


def _items(document: Document, loc: Loc) -> list[tuple[Loc, Value]]:
    """The entries of the list or mapping at `loc`, each with its place; none where it is neither."""
    value = document.at(loc)
    if isinstance(value, dict):
        return [((*loc, key), entry) for key, entry in value.items()]
    return [((*loc, at), entry) for at, entry in enumerate(value)] if isinstance(value, list) else []


def _sources(document: Document) -> Iterator[Problem]:
    ids: dict[str, Loc] = {}
    urls: dict[str, Loc] = {}
    for loc, entry in _items(document, ("sources",)):
        name = document.at((*loc, "id"))
        if isinstance(name, str) and ids.setdefault(name, loc) != loc:
            first = document.place((*ids[name], "id"))
            message = (
                f'two sources have the id "{name}"; the first is at line {first.line}, column {first.column}'
            )
            yield document.error((*loc, "id"), message, "give each its own; stored items belong to an id")
        if not isinstance(entry, dict):
            continue
        yield from _form(document, loc, entry)
        form = next((form for form in FORMS if form in entry), "url")
        url, at = _address(form, entry.get(form)), (*loc, form)
        if url and urls.setdefault(url, at) != at:
            first = document.place(urls[url])
            message = f"the same address as at line {first.line}, column {first.column}"
            yield document.warning(at, message, "it would be asked twice")


def _address(form: str, value: Value) -> str | None:
    """The address that a form stands for; None where it has mistakes, which are told elsewhere."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    try:
        if form == "govuk":
            return govuk_feed(GovukSection.model_validate(value))
        return parliament_list(ParliamentSection.model_validate(value))
    except (ValidationError, ValueError):
        return None


def _form(document: Document, loc: Loc, entry: dict[str, Value]) -> Iterator[Problem]:
    """Whether a source has exactly one form, with something in it that can be asked."""
    given = [form for form in FORMS if form in entry]
    misspelt = [key for key in entry if key not in SourceSection.model_fields and did_you_mean(key, FORMS)]
    if not given and not misspelt:
        hint = 'add "url: …" with the address of a feed, or govuk: or parliament: with what you want of them'
        yield document.error(loc, '"url" is missing here', hint)
    elif len(given) > 1:
        message = (
            f"a source has one of {', '.join(FORMS[:-1])} and {FORMS[-1]}; this has {' and '.join(given)}"
        )
        yield document.error((*loc, given[1]), message, "keep one, or make two sources of it", key=True)
    for form in given:
        value = entry[form]
        if value is None:
            message = f'"{form}" is empty'
            yield document.error((*loc, form), message, "give it a value, or delete the line", key=True)
    url = entry.get("url")
    if isinstance(url, str) and is_forbidden(url):
        yield document.error((*loc, "url"), FORBIDDEN, f"write govuk: with a finder; {CHOOSE}")
    if isinstance(govuk := entry.get("govuk"), dict):
        yield from _govuk(document, (*loc, "govuk"), govuk)
    if isinstance(listed := entry.get("parliament"), dict):
        yield from _parliament(document, (*loc, "parliament"), listed)
    if entry.get("full_text") is True and given in (["govuk"], ["parliament"]):
        message = "full_text is for feeds of teasers; GOV.UK's and Parliament's lists are none"
        hint = "delete the line; polling.look_up is what has GOV.UK's pages read"
        yield document.warning((*loc, "full_text"), message, hint, key=True)
    kind = entry.get("kind")
    if given == ["parliament"] and kind not in (None, "parliament"):
        message = "what comes from Parliament's interfaces is of the kind parliament"
        yield document.error((*loc, "kind"), message, "delete the line, or write parliament")


def _govuk(document: Document, loc: Loc, asked: dict[str, Value]) -> Iterator[Problem]:
    known = GovukSection.model_fields
    given = [key for key, value in asked.items() if key in known and value not in (None, [])]
    if not given and known.keys() >= asked.keys():
        yield document.error(loc, "this asks GOV.UK for nothing", f"name at least one of: {', '.join(known)}")
    yield from _words(document, (*loc, "keywords"), asked.get("keywords"))
    if "travel_advice" in given:
        for key in given:
            if key != "travel_advice":
                message = "travel advice is a feed of its own, which nothing can narrow"
                yield document.error((*loc, key), message, "make two sources of it", key=True)
        return
    finder = asked.get("finder")
    if not isinstance(finder, str) or finder not in FINDERS:
        return
    for key in given:
        if key != "finder" and key not in FINDERS[finder]:
            able = " or ".join(name for name, filters in FINDERS.items() if key in filters)
            message = f"{finder} cannot be narrowed by {key}: GOV.UK would give all of it"
            yield document.error((*loc, key), message, f"{able} can", key=True)


def _parliament(document: Document, loc: Loc, asked: dict[str, Value]) -> Iterator[Problem]:
    listed = next((name for name in parliament.LISTS if name == asked.get("list")), None)
    if listed is None:
        return
    if asked.get("search") is None and parliament.needs_search(listed):
        hint = f'add a line "search: China": all of {listed} would be thousands of entries'
        yield document.error(loc, '"search" is missing here', hint)
    yield from _words(document, (*loc, "search"), asked.get("search"))
    if asked.get("house") is not None and not parliament.has_houses(listed):
        message = f"{listed} cannot be asked for one House alone"
        yield document.error((*loc, "house"), message, "delete the line", key=True)


def _words(document: Document, loc: Loc, wanted: Value) -> Iterator[Problem]:
    """Whether there is anything to search for; that a text is empty is told elsewhere."""
    if isinstance(wanted, str) and wanted.strip() and not any(char.isalnum() for char in wanted):
        message = "there is no word in what is searched for"
        yield document.error(loc, message, "write a word, or a phrase: Hong Kong")


def _terms(document: Document) -> Iterator[Problem]:
    topics = [(*loc, "terms") for loc, _ in _items(document, ("topics",))]
    for terms in (*_LISTS, *topics):
        first: dict[str, Loc] = {}
        for loc, term in _items(document, terms):
            if not isinstance(term, str):
                continue
            try:
                check_term(term)
            except TermError as error:
                yield document.error(loc, error.message, error.hint, offset=error.column)
                continue
            same = first.setdefault(" ".join(term.split()), loc)
            if same != loc:
                line = document.place(same).line
                double = document.warning(loc, f"the same term as at line {line}", "one of them is enough")
                yield replace(double, code="K001")


def _topics(document: Document) -> Iterator[Problem]:
    known = [str(loc[-1]) for loc, _ in _items(document, ("topics",))]
    wanted = [
        entry for loc, _ in _items(document, ("digests",)) for entry in _items(document, (*loc, "topics"))
    ]
    fallback: Loc = ("rules", "relevance", "fallback_topic")
    for loc, topic in (*wanted, (fallback, document.at(fallback))):
        if isinstance(topic, str) and topic not in known:
            names = f"topics are: {', '.join(known)}" if known else "this file has no topics"
            yield document.error(loc, f'there is no topic "{topic}"', did_you_mean(topic, known) or names)


def _empty_topics(document: Document) -> Iterator[Problem]:
    fallback = document.at(("rules", "relevance", "fallback_topic"))
    for loc, _ in _items(document, ("topics",)):
        if not _items(document, (*loc, "terms")) and fallback != loc[-1]:
            yield document.warning(
                loc, f'the topic "{loc[-1]}" has no terms, so nothing comes under it', key=True
            )


def _schedules(document: Document) -> Iterator[Problem]:
    for loc, _ in _items(document, ("digests",)):
        schedule = document.at((*loc, "schedule"))
        fields = schedule.split() if isinstance(schedule, str) else []
        if len(fields) == 5 and fields[2] != "*" and fields[4] != "*":
            message = "day of the month and weekday are both given: it comes only on days that are both"
            yield document.warning((*loc, "schedule"), message)
        if len(fields) == 5 and not all(field.isdigit() for field in fields[:2]):
            message = "a digest comes once a day at most, at the first of these times"
            yield document.warning((*loc, "schedule"), message, "for more, name two digests, or: immediately")


def _folders(document: Document) -> Iterator[Problem]:
    """Digests and topics have folders of their names under the output."""
    for loc, _ in _items(document, ("digests",)):
        if loc[-1] in _NO_DIGEST:
            message = f'no digest may be called "{loc[-1]}": the archive has a folder of that name'
            yield document.error(loc, message, f"call it something like {loc[-1]}-digest", key=True)
    for section in ("digests", "topics"):
        for loc, _ in _items(document, (section,)):
            if len(str(loc[-1])) > _FOLDER_CHARS:
                message = f"a name has at most {_FOLDER_CHARS} characters; this has {len(str(loc[-1]))}"
                yield document.error(loc, message, "shorten it and put the rest into its title", key=True)


def _digests(document: Document) -> Iterator[Problem]:
    """A key of a digest that does nothing without another."""
    for loc, digest in _items(document, ("digests",)):
        if not isinstance(digest, dict):
            continue
        schedule = digest.get("schedule")
        if "at_most_every" in digest and isinstance(schedule, str) and schedule.strip() != "immediately":
            message = "at_most_every is for a digest that comes immediately; this one has its times"
            yield document.error((*loc, "at_most_every"), message, "delete the line", key=True)


def _mail(document: Document) -> Iterator[Problem]:
    yield from _login(document)
    host = document.at(("mail", "host"))
    if document.at(("mail", "security")) != "none" or not isinstance(host, str) or is_loopback(host):
        return
    message = "mail to another machine would go unencrypted"
    yield document.error(
        ("mail", "security"), message, "write starttls or implicit; none is for localhost only"
    )


def _login(document: Document) -> Iterator[Problem]:
    """What a command that prints a token goes with."""
    if not document.at(("mail", "auth_command")):
        return
    if document.at(("mail", "password")):
        message = "auth_command is in place of a password; this file has both"
        yield document.error(("mail", "auth_command"), message, "keep one of them", key=True)
    if not document.at(("mail", "username")):
        message = "auth_command needs to know for whom the token is"
        yield document.error(("mail", "auth_command"), message, 'add a line "username: …"', key=True)


def _nothing_to_do(document: Document) -> Iterator[Problem]:
    """Lists that are empty, so that there is nothing to show."""
    sources = _items(document, ("sources",))
    if not sources:
        yield _absent(document, ("sources",), "there are no sources, so nothing is asked")
    elif all(document.at((*loc, "enabled")) is False for loc, _ in sources):
        yield document.warning(("sources",), "every source is switched off, so nothing is asked", key=True)
    if _items(document, ("rules", "both")):
        return
    empty = [side for side in ("uk", "china") if not _items(document, ("rules", "sides", side))]
    if empty:
        sides = " and ".join(empty)
        message = f"rules.sides has no terms for {sides}, so no item can be about both sides"
        hint = "list words that stand for each side, or names of the relation under rules.both"
        yield _absent(document, ("rules", "sides", empty[0]), message, hint)


def _absent(document: Document, loc: Loc, message: str, hint: str = "") -> Problem:
    """A warning at the nearest place there is for a key that may be missing."""
    while loc and document.node(loc) is None:
        loc = loc[:-1]
    return document.warning(loc, message, hint, key=True)
