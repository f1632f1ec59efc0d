"""Border: config.yaml → Config, or ConfigError with every problem that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from .. import VERSION
from ..classify import RuleBook
from ..models import DigestSpec, MailSpec, Problem, RelevanceWeights, RuleSpec, Topic, without_secrets
from .checks import check_sense, check_whole
from .error import ConfigError
from .files import absolute, file_bytes, file_text
from .messages import check_shape
from .polled import PollConfig
from .schema import ConfigFile, MailSection
from .sources import source
from .tree import Mapping as MappingNode
from .tree import Reader
from .values import Document, FromEnv, Value

MAX_PROBLEMS = 500
_POLLED = ("timezone", "public_url", "polling", "network", "sources", "rules", "topics")
"""The keys of which a PollConfig is made, but for the database."""

_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Config(PollConfig):
    """All of config.yaml, checked, with defaults filled in and paths made absolute."""

    output: Path
    public_url: str | None
    """Without a slash at the end."""
    ping_url: str | None = field(repr=False)
    """The dead-man's switch; its path is a secret."""
    topics: tuple[Topic, ...]
    digests: tuple[DigestSpec, ...]
    mail: MailSpec | None
    web_listen: str | None
    """host:port of the pages; None: none are served."""
    web_index: bool
    """Whether search engines may list the archive's pages."""
    retention_unmatched: timedelta | None
    """None: forever."""
    retention_matched: timedelta | None
    warnings: tuple[Problem, ...] = ()


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The config in the file at `path`; `environ` is what ${NAME} refers to. Raises ConfigError."""
    return parse(file_text(file_bytes(path), path), file=path, environ=environ)


def parse(text: str, *, file: Path, environ: Mapping[str, str]) -> Config:
    """The config in `text`; `file` is named in problems, and its folder is where relative paths begin.

    Of the disk it reads only the files that NAME_FILE variables name. Raises ConfigError with all problems,
    warnings too, in the order of the file.
    """
    document, shape, found = _read(text, file, environ)
    return _accepted(document, shape, found, file, environ)


def _read(
    text: str, file: Path, environ: Mapping[str, str]
) -> tuple[Document, ConfigFile | None, list[Problem]]:
    """The values of the file, in their shape where they fit, and what is wrong. Raises ConfigError."""
    reader = Reader(text, str(file))
    root = reader.read()
    if root is None:
        hint = "`monitor init FOLDER` writes one to begin with"
        raise ConfigError((Problem("the file is empty", str(file), 1, 1, hint),))
    if not isinstance(root, MappingNode):
        message = "expected keys with values at the top, as in: sources: …"
        raise ConfigError((*reader.problems, reader.problem(root.place, message)))
    document = Document(reader, root, environ)
    shape, misfits = check_shape(document)
    unfilled = {(place.line, place.column) for place in document.unfilled}
    about_values = [p for p in (*misfits, *check_whole(document)) if (p.line, p.column) not in unfilled]
    return document, shape, [*reader.problems, *document.problems, *about_values]


def _accepted(
    document: Document,
    shape: ConfigFile | None,
    found: list[Problem],
    file: Path,
    environ: Mapping[str, str],
) -> Config:
    if shape is None or any(problem.severity == "error" for problem in found):
        raise ConfigError(_in_order(found))
    warnings = _in_order([*found, *check_sense(document)])
    is_fixed = not any(_has_variable(document.at((key,))) for key in _POLLED)
    return _config(shape, file, environ, warnings, is_fixed=is_fixed)


def _has_variable(value: Value) -> bool:
    """Whether anything in it came from the environment."""
    match value:
        case dict():
            return any(map(_has_variable, value.values()))
        case list():
            return any(map(_has_variable, value))
        case _:
            return isinstance(value, FromEnv)


@dataclass(frozen=True, slots=True)
class Examined:
    """All that can be said of a file that may be no config."""

    config: Config | None
    """None where it has errors."""
    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the file."""
    document: Document | None
    """Its values with their places, for lints; None where it cannot be read at all."""


def check(path: Path, environ: Mapping[str, str]) -> tuple[Config | None, tuple[Problem, ...]]:
    """The config, or None where it has errors, and every error and warning."""
    examined = examine(path, environ)
    return examined.config, examined.problems


def examine(path: Path, environ: Mapping[str, str]) -> Examined:
    """The config in the file at `path`, as far as there is one; raises nothing."""
    try:
        text = file_text(file_bytes(path), path)
    except ConfigError as error:
        return Examined(None, error.problems, None)
    return examine_text(text, path, environ)


def examine_text(text: str, file: Path, environ: Mapping[str, str]) -> Examined:
    """The same for a text that is, or is to be, in `file`."""
    document = None
    try:
        document, shape, found = _read(text, file, environ)
        config = _accepted(document, shape, found, file, environ)
    except ConfigError as error:
        return Examined(None, error.problems, document)
    return Examined(config, config.warnings, document)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Each problem once, as what an alias stands for is met at every use; past MAX_PROBLEMS only how many."""
    once = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))
    if len(once) <= MAX_PROBLEMS:
        return tuple(once)
    last = once[MAX_PROBLEMS]
    left = f"and {len(once) - MAX_PROBLEMS:,} more from here on"
    serious = any(problem.severity == "error" for problem in once)
    more = Problem(left, last.file, last.line, last.column, severity="error" if serious else "warning")
    return (*once[:MAX_PROBLEMS], more)


def _config(
    shape: ConfigFile,
    file: Path,
    environ: Mapping[str, str],
    warnings: tuple[Problem, ...],
    *,
    is_fixed: bool,
) -> Config:
    rules = _rules(shape)
    public_url = shape.public_url.rstrip("/") if shape.public_url else None
    return Config(
        file=file,
        timezone=shape.timezone,
        database=absolute(shape.database, file, environ),
        output=absolute(shape.output, file, environ),
        public_url=public_url,
        ping_url=shape.ping_url,
        concurrency=shape.polling.concurrency,
        per_host=shape.polling.per_host,
        look_up=shape.polling.look_up,
        full_text_limit=shape.polling.full_text_limit,
        user_agent=shape.polling.user_agent or _user_agent(public_url and without_secrets(public_url)),
        allow_private=tuple(shape.network.allow_private),
        proxy=shape.network.proxy,
        mirrors=tuple(shape.network.mirrors.items()),
        sources=tuple(source(section, shape.polling) for section in shape.sources),
        rules=rules,
        rulebook=RuleBook(rules),
        is_fixed=is_fixed,
        topics=tuple(Topic(name, topic.title or _title(name)) for name, topic in shape.topics.items()),
        digests=_digests(shape),
        mail=_mail(shape.mail, file, environ) if shape.mail else None,
        web_listen=shape.web.listen,
        web_index=shape.web.index,
        retention_unmatched=shape.retention.unmatched,
        retention_matched=shape.retention.matched,
        warnings=warnings,
    )


def _user_agent(public_url: str | None) -> str:
    about = f"+{public_url}" if public_url else "self-hosted feed reader"
    return f"uk-china-monitor/{VERSION} ({about})"


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


def _rules(shape: ConfigFile) -> RuleSpec:
    rules = shape.rules
    return RuleSpec(
        uk=tuple(rules.sides.uk),
        china=tuple(rules.sides.china),
        both=tuple(rules.both),
        ignore=tuple(rules.ignore),
        elsewhere=tuple(rules.elsewhere),
        exclude=tuple(rules.exclude),
        topics=tuple((name, tuple(topic.terms)) for name, topic in shape.topics.items()),
        weights=RelevanceWeights(**rules.relevance.model_dump()),
    )


def _digests(shape: ConfigFile) -> tuple[DigestSpec, ...]:
    return tuple(
        DigestSpec(
            id=name,
            title=digest.title or f"UK-China {_title(name).lower()}",
            schedule=digest.schedule,
            topics=tuple(digest.topics),
            to=tuple(digest.to),
            when_empty=digest.when_empty,
            min_score=digest.min_score,
            channels=tuple(dict.fromkeys(channel for channel in digest.channels if channel)),
            at_most_every=digest.at_most_every,
        )
        for name, digest in shape.digests.items()
    )


def _mail(section: MailSection, file: Path, environ: Mapping[str, str]) -> MailSpec:
    program, *arguments = section.auth_command or [""]
    if "/" in program:
        program = str(absolute(program, file, environ))
    return MailSpec(
        sender=section.sender,
        reply_to=section.reply_to,
        host=section.host,
        port=section.port or _PORTS[section.security],
        security=section.security,
        username=section.username,
        password=section.password,
        auth_command=(program, *arguments) if program else (),
        ca_file=str(absolute(section.ca_file, file, environ)) if section.ca_file else "",
    )
