"""Shell: store → group → digest → render → store → deliver, for a digest that is due or asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from .. import deliver, digest, mailing, render, resources
from ..config import Config
from ..models import (
    NOTHING_GOES_OUT,
    Addressed,
    Digest,
    DigestSpec,
    Edition,
    Judged,
    Mail,
    Message,
    Outgoing,
    Published,
    Story,
    Trouble,
    Week,
)
from ..store import Store
from .archive import update as update_archive
from .health import healths
from .memory import group_pending, stories_of, wanted
from .send import NO_MAIL_SECTION

log = logging.getLogger("monitor")

FIRST_WINDOW = timedelta(hours=24)
"""The window of a digest's first edition is at least this long."""
CLOSEST = 3


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why an edition is made now: a scheduled run, or by hand (no slot)."""

    local_date: date
    slot: str | None = None
    at: datetime | None = None
    """When the scheduled run was due."""


def due_digests(
    config: Config, store: Store, last_slot: Callable[[DigestSpec], Occasion | None], now: datetime
) -> tuple[tuple[DigestSpec, Occasion], ...]:
    """The digests whose latest scheduled run has no edition yet; the database knows, not the scheduler."""
    found = [(spec, _due(config, store, spec, last_slot, now)) for spec in config.digests]
    return tuple((spec, occasion) for spec, occasion in found if occasion)


def _due(
    config: Config,
    store: Store,
    spec: DigestSpec,
    last_slot: Callable[[DigestSpec], Occasion | None],
    now: datetime,
) -> Occasion | None:
    today = now.astimezone(config.timezone).date()
    if spec.schedule == "immediately":
        last = store.last_edition(spec.id)
        rests = last and last.edition.end <= now < last.edition.end + spec.at_most_every
        waiting = 0 if rests else store.count_unclaimed(spec.id, topics=spec.topics, min_score=spec.min_score)
        return Occasion(today, now.isoformat(), now) if waiting else None
    occasion = last_slot(spec)
    if not occasion or not occasion.slot or store.edition_for_slot(spec.id, occasion.slot):
        return None
    created = store.created_at()
    if created and occasion.at and occasion.at < created:
        # Due before anything had been read. One first edition, of today, says that the monitor is at work.
        return replace(occasion, local_date=today) if spec == config.digests[0] else None
    return occasion


def compose(
    config: Config,
    store: Store,
    spec: DigestSpec,
    occasion: Occasion,
    now: datetime,
    *,
    since: datetime | None = None,
) -> Digest:
    """An edition's content: all that is relevant and not yet claimed, or all first seen from `since` on."""
    return _compose(config, store, spec, occasion, now, since, ())[0]


def _compose(
    config: Config,
    store: Store,
    spec: DigestSpec,
    occasion: Occasion,
    now: datetime,
    since: datetime | None,
    troubles: Sequence[Trouble],
) -> tuple[Digest, tuple[Story, ...]]:
    """An edition's content, and what was grouped for it: `Store.publish` wants both."""
    previous = store.last_edition(spec.id)
    start = since or (previous.edition.end if previous else _beginning(store, now))
    if since:
        found = store.seen_since(since, relevant_only=True, or_updated=True)
        judged = tuple(j for j in found if wanted(j, spec))
    else:
        judged = _unclaimed(store, spec)
    # The store counts (start, end]: what this very run has polled belongs to this window.
    looked_at, matched = store.seen_between(start if since or previous else None, now)
    last_with_items = None if judged else store.last_edition_with_items(spec.id)
    grouped = group_pending(store, config.digests, now) if judged else ()
    stories = stories_of(store, spec.id, judged, grouped, since)
    edition = Edition(
        digest=spec.id,
        title=spec.title,
        start=min(start, now),
        end=now,
        local_date=occasion.local_date,
        slot=occasion.slot,
        name=_free_name(occasion.local_date, store.edition_names(spec.id, occasion.local_date)),
    )
    composed = digest.build_digest(
        edition,
        stories,
        digest.coverage(
            [one for one in healths(config, store, now, "unmatched") if one.status != "off"],
            notices=store.notices(start),
            looked_at=looked_at,
            matched=matched,
            rules_version=config.rulebook.version,
            previous_rules_version=previous.rules_version if previous else None,
            troubles=troubles,
            undelivered=store.outbox.undelivered(spec.id, now - mailing.PAUSES[-1]),
        ),
        config.topics,
        closest=() if judged else store.closest(start, CLOSEST),
        last_with_items=last_with_items.edition if last_with_items else None,
        limits=digest.limits_for(edition),
    )
    return replace(composed, week=_week(config, store, spec, edition, stories)), grouped


def _week(
    config: Config, store: Store, spec: DigestSpec, edition: Edition, stories: Sequence[Story]
) -> Week | None:
    if not digest.is_week(edition):
        return None
    before = store.relevant_between(edition.start - digest.WEEKS_BEFORE * timedelta(weeks=1), edition.start)
    return digest.week(
        edition,
        stories,
        [topic for topic in config.topics if not spec.topics or topic.id in spec.topics],
        before=[judged for judged in before if wanted(judged, spec)],
    )


def _unclaimed(store: Store, spec: DigestSpec) -> tuple[Judged, ...]:
    return store.unclaimed(spec.id, topics=spec.topics, min_score=spec.min_score)


def _beginning(store: Store, now: datetime) -> datetime:
    """The start of a first edition's window: the first poll, or a day before `now`."""
    created = store.created_at()
    return min(created, now - FIRST_WINDOW) if created else now - FIRST_WINDOW


def _free_name(local_date: date, taken: Sequence[str]) -> str:
    day = local_date.isoformat()
    names = (day if number == 1 else f"{day}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def publish(
    config: Config,
    store: Store,
    env: render.Environment,
    spec: DigestSpec,
    occasion: Occasion,
    now: datetime,
    *,
    even_empty: bool = False,
    send: bool = True,
    troubles: Sequence[Trouble] = (),
) -> Published | None:
    """Composes an edition, claims its items and keeps its bytes in one transaction.

    Its files are for `put_out` to write.

    `troubles` are files of the user's that could not be used: the edition says so.

    None where there is nothing unclaimed and no notice is due: then nothing is recorded.
    """
    composed, grouped = _compose(config, store, spec, occasion, now, None, troubles)
    empty = not composed.stories
    scheduled = occasion.slot is not None
    if empty and not (even_empty or scheduled):
        return None
    blind = composed.coverage.read == 0
    # A scheduled run is recorded even where it says nothing, or it would stay due all day.
    silent = empty and scheduled and spec.when_empty == "skip" and not blind and not even_empty
    message = rendered(config, composed, env)
    published = store.publish(
        composed.edition,
        message,
        composed.stories,
        now=now,
        rules_version=config.rulebook.version,
        looked_at=composed.coverage.looked_at,
        outgoing=outgoing(config, spec, composed, message, now) if send and not silent else NOTHING_GOES_OUT,
        told=[id_ for edition in composed.coverage.undelivered for id_ in edition.ids],
        grouped=grouped,
        # It answers its slot and is shown nowhere: an empty page must not become the latest one.
        is_shown=not silent,
    )
    store.settle(config.digests)
    log.info("digest=%s edition=%s stories=%d", spec.id, composed.edition.name, published.stories)
    return published


def outgoing(config: Config, spec: DigestSpec, composed: Digest, message: Message, now: datetime) -> Outgoing:
    """What goes out with an edition, and to whom: made once, so that no later edit changes a byte of it."""
    title, text = "", ""
    if spec.channels:
        zone, site = config.timezone, config.public_url
        title, text = render.short_text(composed, timezone=zone, archive_url=site)
    names = tuple(dict.fromkeys(deliver.channel_name(url) for url in spec.channels))
    if not spec.to:
        return Outgoing(short_title=title, short_text=text, channels=names)
    if config.mail is None:
        log.error('digest=%s not_mailed="%s"', spec.id, NO_MAIL_SECTION)
        return Outgoing(short_title=title, short_text=text, channels=names)
    mail = render.letter.letter(message, composed.edition, config.mail, site=config.public_url, now=now)
    return Outgoing(mail, address(config, mail, composed.edition, spec.to), title, text, names)


def address(
    config: Config, mail: Mail, edition: Edition, recipients: Sequence[str], *, revision: int = 1
) -> tuple[Addressed, ...]:
    """A mail's own lines for each recipient; whoever is named twice gets it once."""
    name, site = f"{edition.digest}.{edition.name}", config.public_url
    made: dict[str, Addressed] = {}
    for recipient in recipients:
        one = render.letter.addressed(mail, recipient, name=name, revision=revision, site=site)
        made.setdefault(one.address.lower(), one)
    return tuple(made.values())


def rendered(config: Config, composed: Digest, env: render.Environment) -> Message:
    """An edition's bytes. A template of the user's that fails costs its looks, never the edition."""
    spec = next((one for one in config.digests if one.id == composed.edition.digest), None)

    def made(content: Digest, with_templates: render.Environment) -> Message:
        zone, site, mail = config.timezone, config.public_url, config.mail
        return render.render_digest(
            content, with_templates, timezone=zone, archive_url=site, spec=spec, mail=mail
        )

    try:
        return made(composed, env)
    except render.TemplateProblem as problem:
        log.error('digest=%s built_in_templates_used="%s"', composed.edition.digest, problem)  # noqa: TRY400 - user's mistake
        trouble = Trouble("template", where(problem), f"{problem.message}. The built-in template was used.")
    coverage = replace(composed.coverage, troubles=(*composed.coverage.troubles, trouble))
    return made(replace(composed, coverage=coverage), render.environment([resources.templates()]))


def where(problem: render.TemplateProblem) -> str:
    """templates/digest/body.txt:3: the page need not tell where on the disk the folder is."""
    file = "/".join(Path(problem.file).parts[-3:])
    return f"{file}:{problem.line}" if problem.line else file


def put_out(config: Config, store: Store, env: render.Environment) -> None:
    """Writes what is not written yet, of this run or of an earlier one: editions, then the archive.

    Raises DeliveryError.
    """
    write_editions(config, store)
    update_archive(config, store, env)


def write_editions(config: Config, store: Store) -> tuple[deliver.WrittenPaths, ...]:
    """Writes the files of editions that are kept but not written: the last one, or one that a crash left."""
    written = []
    for published in store.unwritten():
        paths = deliver.write_edition(config.output, published)
        store.mark_written(published.id)
        log.info("digest=%s written=%s", published.edition.digest, paths.html)
        written.append(paths)
    return tuple(written)
