"""Shell: the commands that do the work: poll, digest, once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .. import deliver, render, schedule
from ..config import Config
from ..jobs import collect as collecting
from ..jobs import publish as publishing
from ..jobs.collect import PollReport
from ..jobs.ping import ping
from ..jobs.publish import Occasion, compose, due_digests, publish, rendered
from ..jobs.send import Sending
from ..jobs.send import send as send_due
from ..models import DigestSpec, Published, Refusal, Trouble
from ..store import Store
from .context import Context, UsageError, each_of, moment, one_of
from .output import plural, print_json, print_table, progress_bar
from .posting import Made, as_they_stand, report_deliveries, report_sending, resend


def poll(context: Context) -> int:
    """`monitor poll`: exit 1 where every source that was asked failed."""
    chosen = each_of(context.args.source, (source.id for source in context.config.sources), "source")
    for source in context.config.sources:
        if source.id in chosen and not source.enabled:
            raise UsageError(f"{source.id} is switched off in {context.config.file.name} (enabled: false)")
    reports = collect(context, chosen=chosen, all_sources=context.args.all)
    if context.args.json:
        print_json(poll_json(reports))
    else:
        print_poll(reports)
        print("Next: monitor digest")
    return _all_failed(reports)


def collect(
    context: Context, *, chosen: Sequence[str] = (), all_sources: bool = False
) -> tuple[PollReport, ...]:
    """Polls what is due, with a progress bar on a terminal."""
    network = context.network()
    enabled = [source for source in context.config.sources if source.enabled]
    with progress_bar(len(chosen) or len(enabled), "Polling") as done:
        return collecting.collect(
            context.config,
            context.store,
            network,
            context.now,
            chosen=chosen,
            all_sources=all_sources,
            progress=lambda report: done(report.source.id),
        )


def _all_failed(reports: Sequence[PollReport]) -> int:
    asked = [report for report in reports if report.status != "skipped"]
    return int(bool(asked) and all(report.status == "failed" for report in asked))


def poll_json(reports: Sequence[PollReport]) -> dict[str, Any]:
    """The object of `poll --json`."""
    return {
        "sources": [
            {
                "id": report.source.id,
                "status": report.status,
                "http_status": report.http_status,
                "items": report.items,
                "new": report.recorded.new,
                "updated": report.recorded.updated,
                "relevant": report.recorded.relevant,
                "error": _complaint(report) or None,
                "seconds": report.seconds,
            }
            for report in reports
        ],
        "new": sum(report.recorded.new for report in reports),
        "updated": sum(report.recorded.updated for report in reports),
        "relevant": sum(report.recorded.relevant for report in reports),
        "failed": sum(report.status == "failed" for report in reports),
    }


def _complaint(report: PollReport) -> str:
    """Why a source failed, or what of a source that was read had to be left out."""
    return (report.error or "") if report.status == "failed" else "; ".join(report.skipped)


def print_poll(reports: Sequence[PollReport]) -> None:
    """The table of what came, and its sum."""
    asked = [report for report in reports if report.status != "skipped"]
    rows = [
        [
            report.source.id,
            report.status,
            str(report.items),
            str(report.recorded.new),
            str(report.recorded.updated),
            str(report.recorded.relevant),
            f"{report.seconds:.1f}",
            _complaint(report),
        ]
        for report in asked
    ]
    if rows:
        print_table(["SOURCE", "STATUS", "ITEMS#", "NEW#", "UPDATED#", "RELEVANT#", "SECONDS#", "WHY"], rows)
        print()
    print(_poll_summary(reports, asked))


def _poll_summary(reports: Sequence[PollReport], asked: Sequence[PollReport]) -> str:
    if not asked:
        count = plural(len(reports), "source")
        return f"Nothing is due: {count} asked recently. `monitor poll --all` asks all the same."
    totals = poll_json(asked)
    read = len(asked) - totals["failed"]
    return (
        f"{read} of {plural(len(asked), 'source')} read: {plural(totals['new'], 'new item')}, "
        f"{totals['updated']:,} updated, {totals['relevant']:,} relevant."
    )


def digest(context: Context) -> int:
    """`monitor digest`: an edition by hand, a preview of one, or an old one sent again."""
    config, args = context.config, context.args
    names = [spec.id for spec in config.digests]
    if not names:
        raise UsageError(f"{config.file.name} names no digest; add one under digests:")
    wanted = one_of(args.name, names, "digest") if args.name else names[0]
    spec = next(spec for spec in config.digests if spec.id == wanted)
    if args.resend:
        others = {"NAME": args.name, "--preview": args.preview, "--since": args.since, "--empty": args.empty}
        others["--no-send"] = args.no_send
        for option in (name for name, given in others.items() if given):
            raise UsageError(f"{option} does not go with --resend, which sends an edition that there is")
        return resend(context)
    if args.preview or args.since:
        return _preview(context, spec)
    if args.to:
        raise UsageError("--to goes with --resend: a new edition goes to those whom the config names")
    env = render.environment(context.template_folders())
    published = publish(
        config,
        context.store,
        env,
        spec,
        by_hand(context, config),
        context.now,
        even_empty=args.empty,
        send=not args.no_send,
    )
    made, sent = put_out(context, env, [(spec, published)], send=not args.no_send)
    report_editions(context, made)
    return max(_template_findings(context) if published else 0, report_sending(context, made, sent))


def _template_findings(context: Context) -> int:
    """1 where the user's own templates could not be used for what was made, for scripts to see."""
    folders = context.template_folders()
    if len(folders) == 1:
        return 0
    problems = render.check_templates(render.environment(folders))
    for problem in problems:
        print(f"monitor: the built-in template was used: {problem}", file=sys.stderr)
    return int(bool(problems))


def by_hand(context: Context, config: Config) -> Occasion:
    """The occasion of an edition that nobody scheduled."""
    return Occasion(context.now.astimezone(config.timezone).date())


def _preview(context: Context, spec: DigestSpec) -> int:
    config = context.config
    since = moment(context.args.since, option="--since") if context.args.since else None
    occasion = by_hand(context, config)
    composed = compose(config, context.reader, spec, occasion, context.now, since=since)
    message = rendered(config, composed, render.environment(context.template_folders()))
    paths = deliver.write_preview(config.output, composed.edition, message)
    stories, items = len(composed.stories), sum(len(story.items) for story in composed.stories)
    if context.args.json:
        print_json(
            {
                "digest": spec.id,
                "edition_id": None,
                "window": [composed.edition.start, composed.edition.end],
                "stories": stories,
                "items": items,
                "html": paths.html,
                "text": paths.text,
                "json": paths.json,
                "deliveries": [],
            }
        )
    else:
        content = f"{plural(stories, 'story')}, {plural(items, 'item')}"
        print(f"Preview of {spec.id}: {content}. Nothing was recorded.")
        print(f"  {paths.html}\n  {paths.text}\n  {paths.json}")
    return _template_findings(context)


def once(context: Context) -> int:
    """`monitor once`: poll, then the digests that are due, then what is to be sent."""
    ping(context.config, "start")
    try:
        code = _once(context)
    except Refusal:
        ping(context.config, "fail")
        raise
    ping(context.config, "fail" if code else "success")
    return code


def _once(context: Context) -> int:
    reports = collect(context)
    if not context.args.json:
        print_poll(reports)
        print()
    env = render.environment(context.template_folders())
    composed = digests_due(context, context.config, context.store, env, force=context.args.force)
    made, sent = put_out(context, env, composed)
    if context.args.json:
        print_json({"poll": poll_json(reports), "digests": [digest_json(context, *one) for one in made]})
    else:
        report_editions(context, made)
        if not made:
            print("No digest is due. `monitor digest` makes one by hand.")
    used_templates = any(published for _, published in made)
    findings = _template_findings(context) if used_templates else 0
    return max(_all_failed(reports), findings, report_sending(context, made, sent))


def put_out(
    context: Context, env: render.Environment, made: Sequence[Made], *, send: bool = True
) -> tuple[list[Made], Sending]:
    """Writes the files of what was made and hands over what is due; both, though one of them fails."""
    try:
        publishing.put_out(context.config, context.store, env)
    finally:
        sending = send_due(context.config, context.store, context.now) if send else Sending()
    return as_they_stand(context, made), sending


def digests_due(
    context: Context,
    config: Config,
    store: Store,
    env: render.Environment,
    *,
    force: bool = False,
    troubles: Sequence[Trouble] = (),
) -> list[Made]:
    """Makes every digest that is due; with `force` the others too, by hand. They tell of the troubles."""

    def last_slot(spec: DigestSpec) -> Occasion | None:
        slot = schedule.last_slot(spec.schedule, config.timezone, context.now)
        return Occasion(slot.local_date, slot.key, slot.at) if slot else None

    due = due_digests(config, store, last_slot, context.now)
    made: list[Made] = [
        (spec, publish(config, store, env, spec, occasion, context.now, troubles=troubles))
        for spec, occasion in due
    ]
    if force:
        scheduled = {spec.id for spec, _ in due}
        by_force = [spec for spec in config.digests if spec.id not in scheduled]
        hand = by_hand(context, config)
        made += [(spec, publish(config, store, env, spec, hand, context.now)) for spec in by_force]
    return made


def digest_json(context: Context, spec: DigestSpec, published: Published | None) -> dict[str, Any]:
    """The object of `digest --json`, less its schema_version."""
    if published is None:
        previous = context.store.last_edition(spec.id)
        return {
            "digest": spec.id,
            "edition_id": None,
            "window": [previous.edition.end if previous else context.now, context.now],
            "stories": 0,
            "items": 0,
            "html": None,
            "text": None,
            "json": None,
            "deliveries": [],
        }
    paths = deliver.paths(context.config.output, published.edition)
    is_shown = paths.html.exists()
    return {
        "digest": spec.id,
        "edition_id": published.id,
        "window": [published.edition.start, published.edition.end],
        "stories": published.stories,
        "items": published.items,
        "html": paths.html if is_shown else None,
        "text": paths.text if is_shown else None,
        "json": paths.json if is_shown else None,
        "deliveries": [{"recipient": d.recipient, "status": d.status} for d in published.deliveries],
    }


def report_editions(context: Context, made: Sequence[Made]) -> None:
    """Says what was made and where it is."""
    if context.args.json:
        for spec, published in made:
            print_json(digest_json(context, spec, published))
        return
    for spec, published in made:
        if published is None:
            print(f"{spec.title}: nothing is new since the last edition; nothing was recorded.")
            continue
        paths = deliver.paths(context.config.output, published.edition)
        if not paths.html.exists():
            print(f"{spec.title}: nothing is new; no edition is shown (when_empty: skip).")
            continue
        print(f"{published.message.subject}")
        print(f"  {plural(published.stories, 'story')} from {plural(published.items, 'item')}")
        print(f"  {paths.html}\n  {paths.text}\n  {paths.json}")
        report_deliveries(published.deliveries)
