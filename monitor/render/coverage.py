"""Core: what an edition could and could not see, in words for the templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from zoneinfo import ZoneInfo

from ..models import Coverage, Digest, Notice, SourceHealth, Undelivered
from . import words
from .inert import clean, safe_url
from .words import When

NAMED_IN_ALARM = 3
ALARM_CHARS = 60
_ADDRESS = re.compile(r"^(.*\s)?(https?://\S+)$")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source that is not simply read, and what is known about it."""

    label: str
    """Failing, Ended, Overrun, Quiet; "Worth a look" where nothing is wrong."""
    name: str
    """Of several sources with the same trouble, all their names."""
    text: str
    """Sentences. Where an address follows, the last one ends with it."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What the edition looked at."""

    read: str
    looked_at: str
    faults: tuple[SourceLine, ...]
    never: tuple[str, ...]
    """Names of sources that were not asked yet."""
    noted: tuple[tuple[When, str], ...]
    """What was told of a fault within the window that is no more, in a sentence each."""
    back: tuple[str, ...]
    """What came back within the window, in a sentence each."""
    remarks: tuple[SourceLine, ...]
    rules_version: str
    rules_changed: bool | None
    """None in a digest's first edition."""


def alarm(digest: Digest, zone: ZoneInfo) -> str:
    """What stands at the top where a source could not be read; else ""."""
    failed = digest.coverage.having("failing", "ended")
    if not failed:
        return ""
    year = digest.edition.local_date.year
    if len(failed) == 1:
        named = [f"{clean(failed[0].name)} ({_failing(failed[0], zone, year)})"]
    else:
        named = [f"{clean(source.name)}{_since(source, zone, year)}" for source in failed[:NAMED_IN_ALARM]]
    if len(failed) > NAMED_IN_ALARM:
        named.append(f"{len(failed) - NAMED_IN_ALARM} more")
    return f"{words.count(len(failed), 'source')} failed: {words.listing(named)}."


def _since(source: SourceHealth, zone: ZoneInfo, year: int) -> str:
    """Of several, why stands under Coverage: an alarm that fills a screen is skipped."""
    return f" (since {words.moment(source.since, zone, year).text})" if source.since else ""


def _failing(source: SourceHealth, zone: ZoneInfo, year: int) -> str:
    """timed out after 30 s, since 27 Jan, 14:05."""
    error = words.shortened(clean(source.error).rstrip("."), ALARM_CHARS) or "no reason known"
    error = "ended by its publisher" if source.status == "ended" else error
    return f"{error}, since {words.moment(source.since, zone, year).text}" if source.since else error


def coverage(digest: Digest, zone: ZoneInfo) -> CoverageView:
    """The statement at the end. Sources that are well are only counted."""
    seen, year = digest.coverage, digest.edition.local_date.year
    return CoverageView(
        read=f"Read {seen.read:,} of {words.count(len(seen.sources), 'source')}.",
        looked_at=_looked_at(seen),
        faults=(
            *(SourceLine("Not used", clean(one.where), clean(one.text)) for one in seen.troubles),
            *(_not_delivered(edition, year) for edition in seen.undelivered),
            *_told_together(
                _source_line(label, source, f"{source.why} {source.advice}")
                for status, label in words.FAULTS.items()
                for source in seen.having(status)
            ),
        ),
        never=tuple(clean(source.name) for source in seen.having("never")),
        back=tuple(clean(notice.text) for notice in seen.notices if notice.kind == "recovered"),
        noted=tuple(
            (words.moment(notice.at, zone, year), clean(notice.text))
            for notice in seen.notices
            if _is_over(notice, seen)
        ),
        remarks=tuple(
            _source_line("Worth a look", source, source.remark) for source in seen.sources if source.remark
        ),
        rules_version=seen.rules_version,
        rules_changed=seen.rules_changed,
    )


def _not_delivered(edition: Undelivered, year: int) -> SourceLine:
    """Without the recipients: the page may be anybody's to read."""
    fates = (
        (edition.refused, "refused for good"),
        (edition.expired, "given up after three days"),
        (edition.unknown, "may have been lost on the way"),
        (edition.waiting, "still waiting for the mail server"),
    )
    told = "; ".join(f"{count} of {edition.sent_to} {fate}" for count, fate in fates if count)
    name = f"{clean(edition.title)}, {words.short_day(edition.local_date, year)}"
    return SourceLine("Not delivered", name, f"{told}. `monitor deliveries` says to whom and why.")


def _looked_at(seen: Coverage) -> str:
    not_matched = seen.looked_at - seen.matched
    looked = f"Looked at {words.count(seen.looked_at, 'item')}"
    return f"{looked}: {seen.matched:,} matched, {not_matched:,} did not."


def _source_line(label: str, source: SourceHealth, text: str) -> SourceLine:
    """An address at the end stands apart: in plain text it has a line of its own."""
    name, said = clean(source.name), clean(text)
    found = _ADDRESS.match(said)
    url = safe_url(found[2]) if found else ""
    if not found or not url:
        return SourceLine(label, name, said)
    return SourceLine(label, name, (found[1] or "").strip(), url)


def _told_together(lines: Iterable[SourceLine]) -> tuple[SourceLine, ...]:
    """One line for neighbours with one trouble: where the network is down, each source says the same."""
    alike = [list(run) for _, run in groupby(lines, key=lambda line: (line.label, line.text, line.url))]
    return tuple(replace(run[0], name=words.listing(line.name for line in run)) for run in alike)


def _is_over(notice: Notice, seen: Coverage) -> bool:
    """Whether a fault is no more what is wrong with its source, and so is told nowhere else."""
    present = (source.status for source in seen.sources if source.id == notice.source_id)
    return notice.kind == "fault" and notice.status not in present
