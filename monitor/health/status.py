"""Core: what is remembered of a source → its status, since when, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ..models import FeedState, HealthStatus, Source, SourceHealth
from .rhythm import LONDON, Rhythm, learnt
from .words import Times, config_span, sentence

OLD = timedelta(days=60)
"""Where the rhythm is not known: nothing for so long is quiet."""
LONELY = 2
"""Pages of a feed that is one page, such as travel advice: it may stay as it is for years."""
FIRST_ITEM_WITHIN = timedelta(days=7)
OVERRUN_FOR = timedelta(days=2)
"""So long after it was found, a gap is a source's status."""
NEVER_MATCHED_ITEMS, NEVER_MATCHED_FOR = 50, timedelta(days=30)
"""A source with so many items in so long a time and never a match is worth a look."""
ADVICE_AFTER = timedelta(days=1)
"""A fault without a plain cure: before this it may well be over by itself."""
OFTENEST = timedelta(minutes=15)
"""Nobody is advised to ask more often."""
ERROR_CHARS = 200


@dataclass(frozen=True, slots=True)
class _Finding:
    """A status with its reason; `why` and `advice` begin with a small letter and have no full stop."""

    status: HealthStatus
    since: datetime | None = None
    why: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _History:
    """What a source has brought."""

    arrivals: Sequence[datetime]
    rhythm: Rhythm | None
    items: int
    matched: int
    since: datetime | None


def source_health(
    source: Source,
    state: FeedState | None,
    arrivals: Sequence[datetime],
    *,
    items: int,
    matched: int,
    now: datetime,
    since: datetime | None = None,
    zone: ZoneInfo = LONDON,
) -> SourceHealth:
    """How one source does, with the reason and what to do about it as sentences.

    `arrivals` are the times of the polls that brought pages new to it, newest first; `items` and `matched`
    count those pages. `since` is when it was first asked, or its first item came, as far as that is known.
    `zone` is the one that times are told in; weekends are London's. Of several statuses the first one holds:
    off, never, ended, failing, overrun, quiet, ok.
    """
    # Under a new address nothing is known yet.
    known = state if state and state.last_polled and state.url in ("", source.url_mark) else None
    history = _History(arrivals, learnt(arrivals), items, matched, since)
    found = _finding(source, known, history, Times(zone, now))
    return SourceHealth(
        id=source.id,
        name=source.name,
        status=found.status,
        since=found.since,
        why=sentence(found.why),
        advice=sentence(found.advice),
        last_ok=state.last_ok if state else None,
        last_new=state.last_new if state else None,
        usual=history.rhythm.usual if history.rhythm else None,
        items=items,
        matched=matched,
        remark=_remark(known, history, now) if known and source.enabled else "",
        failures=known.failures if known else 0,
        error=_error(known) if known and known.failures else "",
        filled=known.gap_from if known and known.gap_filled else None,
    )


def _finding(source: Source, state: FeedState | None, history: _History, times: Times) -> _Finding:
    if not source.enabled:
        return _Finding("off")
    if state is None:
        return _Finding("never", why="not asked yet", advice=f"`monitor poll {source.id}` asks it now")
    if state.ended:
        return _ended(state, times)
    if state.failures:
        return _failing(state, times)
    if state.gap_to and times.now - state.gap_to <= OVERRUN_FOR and not state.gap_filled:
        return _overrun(source, state.gap_from or state.gap_to, state.gap_to, history.arrivals, times)
    return _quiet(state, history, times) or _Finding("ok")


def _ended(state: FeedState, times: Times) -> _Finding:
    since = state.failing_since or state.last_polled or times.now
    said = _error(state).partition(". ")[0] if state.error else "its publisher says so"
    advice = "" if _says_itself(state) else "look for its successor and change its url, or switch it off"
    return _Finding("ended", since, f"noticed {times.moment(since)}: {said}", advice)


def _failing(state: FeedState, times: Times) -> _Finding:
    since = state.failing_since or state.last_polled or times.now
    begun = times.moment(since)
    polls = (
        f"since {begun} ({state.failures:,} polls)" if state.failures > 1 else f"at its last poll, {begun}"
    )
    good = f"last read {times.moment(state.last_ok)}" if state.last_ok else "never read yet"
    return _Finding("failing", since, f"{polls}: {_error(state)}; {good}", _cure(state, times.now - since))


def _error(state: FeedState) -> str:
    """What was the matter at the last poll, on one line."""
    error = " ".join((state.error or "no reason recorded").split()).rstrip(".")
    return error if len(error) <= ERROR_CHARS else error[: ERROR_CHARS - 1].rstrip() + "…"


def _cure(state: FeedState, lasted: timedelta) -> str:
    if _says_itself(state) or lasted < ADVICE_AFTER:
        return ""
    return "open its address in a browser to see whether it has moved"


def _says_itself(state: FeedState) -> bool:
    """Whether the error has the advice in it: that of an answer of the 400s always does."""
    return state.http_status is not None and 400 <= state.http_status < 500


def _overrun(
    source: Source, start: datetime, end: datetime, arrivals: Sequence[datetime], times: Times
) -> _Finding:
    # Gaps that follow on each other are joined, and each ended in an arrival.
    within = [arrival for arrival in arrivals if start < arrival < end]
    new = "more than once all that it listed was new" if within else "all that it listed was new"
    why = f"between {times.span(start, end)} items may have been missed: {new}"
    reads = (end, *within, start)
    if min(later - earlier for later, earlier in pairwise(reads)) <= 2 * source.every:
        return _Finding("overrun", start, why, _read_more(source))
    advice = "see its site for what came then"
    is_known = not arrivals or arrivals[-1] < end
    claim = "it was not read in between: " if is_known and not within else ""
    return _Finding("overrun", start, why, f"{claim}{advice}")


def _read_more(source: Source) -> str:
    narrower = "take a narrower feed of its publisher"
    oftener = max(source.every / 2, OFTENEST)
    if oftener >= source.every:
        return narrower
    return f"ask it more often (every: {config_span(oftener)}), or {narrower}"


def _quiet(state: FeedState, history: _History, times: Times) -> _Finding | None:
    """Quiet is what answers, and has nothing new for longer than is like it."""
    # Up to the last answer: what came while nobody asked is not its fault.
    read = state.last_ok or times.now
    if history.rhythm:
        return _unlike_its_habit(history.arrivals[0], read, history.rhythm, times)
    if not history.arrivals and history.items == 0:
        is_new = history.since is not None and times.now - history.since < FIRST_ITEM_WITHIN
        why, advice = "answers, but has never had an item", "see whether its address is right"
        return None if is_new else _Finding("quiet", None, why, advice)
    return _abandoned(state, history, read, times)


def _unlike_its_habit(last: datetime, read: datetime, rhythm: Rhythm, times: Times) -> _Finding | None:
    if rhythm.silence(last, read) <= rhythm.allowed:
        return None
    why = f"nothing new since {times.moment(last)}, though it answers; {rhythm.in_words}"
    advice = "see whether its site has newer items: if it has, look for another feed of it"
    return _Finding("quiet", last, why, advice)


def _abandoned(state: FeedState, history: _History, read: datetime, times: Times) -> _Finding | None:
    """Too little is known for a rhythm, but a feed may be silent for years and answer all the while."""
    advice = "such feeds are often abandoned: look for its successor"
    if 0 < history.items <= LONELY:
        return None
    if state.newest and read - state.newest > OLD:
        why = f"answers, but its newest item is of {times.day(state.newest)}"
        return _Finding("quiet", state.newest, why, advice)
    # Its dates are no sign of life: a dead feed may give its items a new one at each poll.
    last = history.arrivals[0] if history.arrivals else state.last_new
    if last is None or read - last <= OLD:
        return None
    return _Finding("quiet", last, f"answers, but has had nothing new since {times.day(last)}", advice)


def _remark(state: FeedState, history: _History, now: datetime) -> str:
    """Sentences; a new address stands at the end."""
    told = []
    begun = history.since or min(history.arrivals, default=now)
    if not history.matched and history.items >= NEVER_MATCHED_ITEMS and now - begun >= NEVER_MATCHED_FOR:
        told.append(
            f"{history.items:,} items in {(now - begun).days:,} days and never a match: "
            "check its side and kind, or switch it off."
        )
    if state.moved_to:
        told.append(f"Has moved for good: change its url to {state.moved_to}")
    return " ".join(told)
