"""Shell: the commands that make editions: digest, once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .. import deliver, render, schedule
from ..config import Config
from ..jobs import publish as publishing
from ..jobs.ping import ping
from ..jobs.publish import Occasion, compose, due_digests, publish, rendered
from ..jobs.send import Sending
from ..jobs.send import send as send_due
from ..models import DigestSpec, Published, Refusal, Trouble
from ..store import Store
from .context import Context, UsageError, moment, one_of
from .output import plural, print_json
from .polling import all_failed, collect, poll_json, print_poll
from .posting import Made, as_they_stand, report_deliveries, report_sending, resend


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
    reports = collect(context, context.store)
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
    return max(all_failed(reports), findings, report_sending(context, made, sent))


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
