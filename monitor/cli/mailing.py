"""Shell: `monitor mail`: tries the way by which mails leave, without a digest; shows what one would be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import deliver, render
from ..deliver import files, smtp
from ..deliver.editions import PREVIEW
from ..jobs.publish import address, compose, rendered
from ..jobs.send import NO_MAIL_SECTION
from ..models import MAIL, Edition, Mail, MailSpec, Outcome, Published
from ..render.letter import letter, mailbox, plain_letter
from .context import Context, UsageError, one_of
from .exporting import STDOUT
from .output import iso, one_line, plural, print_json
from .posting import edition_of
from .running import by_hand

FILE = "mail.eml"
NOBODY = "reader@example.org"
"""Who stands in a previewed mail of a digest without recipients."""
SHOWN = 3
"""Names of a certificate."""
TEST_SUBJECT = "Test of the UK-China monitor"
_OUTCOMES = {"deferred": "Not sent", "refused": "Not sent", "unknown": "Nobody knows whether it was sent"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried on the way to the mail server, and how it went."""

    name: str
    ok: bool
    text: str


def mail(context: Context) -> int:
    """`monitor mail check|preview|test`."""
    actions = {"check": check, "preview": preview, "test": test}
    return actions[context.args.action](context)


def _spec(context: Context) -> MailSpec:
    if context.config.mail is None:
        raise UsageError(NO_MAIL_SECTION)
    return context.config.mail


# --------------------------------------------------------------------------------------------------- check


def check(context: Context) -> int:
    """`monitor mail check`: 1 where no mail could be sent now. What DNS says is advice only."""
    from ..deliver.advice import mail_advice

    spec = _spec(context)
    steps = []
    for step in _steps(context, spec):
        steps.append(step)
        if not context.args.json:
            # At once, so that who waits sees for what.
            print(f"{'ok  ' if step.ok else 'FAIL'}  {step.name:<10}  {one_line(step.text)}", flush=True)
    ok = all(step.ok for step in steps)
    sender, answers_to = mailbox(spec.sender)[1], mailbox(spec.reply_to or spec.sender)[1]
    advice = [one_line(sentence) for sentence in mail_advice(sender, answers_to, spec.host)]
    if context.args.json:
        told = [{"name": step.name, "ok": step.ok, "text": one_line(step.text)} for step in steps]
        print_json({"ok": ok, "steps": told, "advice": advice})
        return int(not ok)
    print(f"\nWhat DNS says of mail from {one_line(spec.sender)}:")
    print("\n".join(f"  {sentence}" for sentence in advice))
    print("\nNothing was sent. `monitor mail test ADDRESS` sends one short mail.")
    return int(not ok)


def _steps(context: Context, spec: MailSpec) -> Iterator[Step]:
    """What is tried, one after the other, up to what fails."""
    from ..deliver.advice import addresses

    yield Step("settings", ok=True, text=_settings(spec))
    found = addresses(spec.host)
    if not found:
        text = f"{spec.host} was not found: check mail.host and this machine's DNS"
        yield Step("name", ok=False, text=text)
        return
    yield Step("name", ok=True, text=f"{spec.host} is {', '.join(found)}")
    # `smtp.session` keeps one that fails to itself; here the question is how far it came.
    session = smtp.Session(spec, smtp.never, smtp.Timeouts())
    failure = ""
    try:
        session.open()
    except smtp.Unreachable as error:
        failure = str(error)
    finally:
        session.close()
    yield from _conversation(session, spec, failure, context.now)
    if not failure:
        yield from _beyond_ascii(context, spec, takes_them=session.offers_utf8)


def _settings(spec: MailSpec) -> str:
    if not spec.username:
        login = "without a login"
    else:
        secret = "a token of mail.auth_command" if spec.auth_command else "a password"
        login = f"login as {spec.username} with {secret if spec.auth_command or spec.password else 'nothing'}"
    answers = f", answers to {spec.reply_to}" if spec.reply_to else ""
    return f"{spec.host}:{spec.port}, security {spec.security}, {login}; from {spec.sender}{answers}"


def _conversation(session: smtp.Session, spec: MailSpec, failure: str, now: datetime) -> Iterator[Step]:
    """The steps of a session that has ended; `failure` is why it failed, "" where it did not."""
    encrypted = session.encryption != "none"
    clear = "none, which only a server on this machine may have"
    ways = ", ".join(session.mechanisms)
    steps = (
        ("connection", bool(session.greeting), f"it greets with “{session.greeting}”"),
        (
            "encryption",
            encrypted or spec.security == "none",
            _encryption(session, now) if encrypted else clear,
        ),
        (
            "offer",
            ", at EHLO" not in failure,
            f"{_size(session)}; login by {ways or 'nothing: it offers none'}",
        ),
        ("login", not failure, session.login or "none asked for by mail.username"),
    )
    for name, is_reached, text in steps:
        if failure and not is_reached:
            yield Step(name, ok=False, text=failure)
            return
        yield Step(name, ok=True, text=text)


def _encryption(session: smtp.Session, now: datetime) -> str:
    certificate = session.certificate
    if not certificate:
        return session.encryption
    names = ", ".join(certificate.names[:SHOWN]) + (", …" if len(certificate.names) > SHOWN else "")
    return (
        f"{session.encryption}; its certificate is for {names}; days left: {(certificate.until - now).days:,}"
    )


def _size(session: smtp.Session) -> str:
    utf8 = (
        "also to addresses beyond ASCII" if session.offers_utf8 else "to ASCII addresses only (no SMTPUTF8)"
    )
    limit = session.size_limit
    return f"takes mails of {f'up to {limit:,} bytes' if limit else 'any size, as far as it says'}, {utf8}"


def _beyond_ascii(context: Context, spec: MailSpec, *, takes_them: bool) -> Iterator[Step]:
    written = [spec.sender, *(address for digest in context.config.digests for address in digest.to)]
    found = [one for one in dict.fromkeys(written) if not mailbox(one)[1].isascii()]
    if not found:
        return
    named = ", ".join(found)
    if takes_them:
        yield Step("addresses", ok=True, text=f"it takes what is beyond ASCII: {named}")
    else:
        text = f"it takes no addresses beyond ASCII, such as {named}: use others, or a server with SMTPUTF8"
        yield Step("addresses", ok=False, text=text)


# ------------------------------------------------------------------------------------------------- preview


def preview(context: Context) -> int:
    """`monitor mail preview`: writes a mail to a file, as it would travel. Nothing is recorded or sent."""
    args, config, spec = context.args, context.config, _spec(context)
    to = _target(context)
    kept = _kept(context) if args.edition is not None else None
    if kept:
        edition, mail, origin = kept.edition, *_mail_of(context, spec, kept)
    else:
        edition, mail = _composed(context, spec)
        origin = "what an edition of now would be"
    recipient = _recipient(context, edition, kept)
    whole = address(config, mail, edition, [recipient])[0].head + mail.content
    if args.output == STDOUT:
        sys.stdout.buffer.write(whole)
        return 0
    path = to or deliver.paths(config.output, edition).html.parent.parent / PREVIEW / FILE
    with files.explained(path.parent):
        files.write(path, whole.decode("utf-8"))
    print(f"Mail of {edition.digest} to {one_line(recipient)}, {plural(len(whole), 'byte')}: {origin}.")
    print(f"  {path}\nNothing was recorded or sent.")
    return 0


def _target(context: Context) -> Path | None:
    """The file that --output names; None for the usual place, and for stdout. Raises UsageError."""
    output, force = context.args.output, context.args.force
    path = None if output in {None, STDOUT} else context.cwd / output
    if force and not path:
        raise UsageError("--force goes with --output FILE: there is no file to overwrite")
    if path and path.exists() and not path.is_file():
        raise UsageError(f"{output} is no file that could be written anew")
    if path and path.exists() and not force:
        raise UsageError(f"{output} is there already; --force overwrites it")
    return path


def _composed(context: Context, spec: MailSpec) -> tuple[Edition, Mail]:
    """The mail of an edition as it would be made now."""
    config = context.config
    names = [digest.id for digest in config.digests]
    if not names:
        raise UsageError(f"{config.file.name} names no digest; add one under digests:")
    wanted = one_of(context.args.digest, names, "digest") if context.args.digest else names[0]
    digest = next(digest for digest in config.digests if digest.id == wanted)
    composed = compose(config, context.reader, digest, by_hand(context, config), context.now)
    message = rendered(config, composed, render.environment(context.template_folders()))
    made = letter(message, composed.edition, spec, site=config.public_url, now=context.now)
    return composed.edition, made


def _kept(context: Context) -> Published:
    """The edition that --edition names by its id or its folder: 12, daily/2026-01-29. Raises UsageError."""
    if context.args.digest:
        raise UsageError("--edition names an edition, which has its digest: give one of the two")
    return edition_of(context.reader, context.args.edition)


def _mail_of(context: Context, spec: MailSpec, published: Published) -> tuple[Mail, str]:
    """A kept edition's mail, and where it is from: its own bytes, or made anew where it had no recipients."""
    kept = context.reader.outbox.mail_of(published.id)
    if kept:
        return kept, f"the bytes that are kept of edition {published.id}"
    edition, site = published.edition, context.config.public_url
    made = letter(published.message, edition, spec, site=site, now=edition.end)
    return made, f"made anew: edition {published.id} had no mail to send"


def _recipient(context: Context, edition: Edition, published: Published | None) -> str:
    """Somebody who got the edition, or would; else a stand-in."""
    if published:
        names = [one.recipient for one in published.deliveries if one.channel == MAIL]
    else:
        names = [to for digest in context.config.digests if digest.id == edition.digest for to in digest.to]
    return next(iter(names), NOBODY)


# ---------------------------------------------------------------------------------------------------- test


def test(context: Context) -> int:
    """`monitor mail test`: one short mail at once, outside the ledger; 1 where it was not sent for sure."""
    config, spec, recipient = context.config, _spec(context), context.args.to
    try:
        mailbox(recipient)
    except ValueError as error:
        raise UsageError(str(error)) from None
    made = plain_letter(TEST_SUBJECT, _test_text(context, spec), spec, now=context.now)
    name = f"test.{context.now:%Y-%m-%d}"
    to = render.letter.addressed(made, recipient, name=name, site=config.public_url)
    outcome = _handed_over(spec, made.sender, to.address, to.head + made.content)
    if outcome.status == "sent":
        print(f"Sent: the mail server {spec.host} has taken a mail for {one_line(recipient)}.")
        print(f"  Message-ID {to.message_id}")
        print(
            "Look for it in the inbox. In spam, or nowhere? `monitor mail check` says what DNS has on that."
        )
        return 0
    print(f"{_OUTCOMES[outcome.status]}: {one_line(outcome.reason)}")
    return 1


def _handed_over(spec: MailSpec, sender: str, recipient: str, content: bytes) -> Outcome:
    try:
        with smtp.session(spec) as session:
            return session.hand_over(sender, recipient, content)
    except smtp.Unreachable as error:
        return Outcome("deferred", str(error))


def _test_text(context: Context, spec: MailSpec) -> str:
    return (
        "This is a test. Whoever runs the UK-China monitor asked it for one mail to this address,\n"
        f"at {iso(context.now)}, by way of {spec.host}. It arrived, so digests can too.\n"
        "\nThere is nothing to do, and nobody has put this address on a list.\n"
    )
