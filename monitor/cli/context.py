"""Shell: what every command is given: its arguments, the time, the config, the database."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .. import schedule
from ..models import Refusal

if TYPE_CHECKING:
    from ..config import Config, PollConfig
    from ..jobs.asking import Network
    from ..models import Judged, Side
    from ..store import PollStore, Store


EARLIEST, LATEST = 1990, 2200
SHORTLY = 1.0
"""Seconds to wait for a database that is locked, where it is only to save time."""


class UsageError(Refusal):
    """The command cannot be run as it was asked for; the message says what to do."""


class Context:
    """One run of one command. A context manager: what it opened is closed at its end."""

    def __init__(self, args: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> None:
        self.args = args
        self.environ = environ
        self.cwd = cwd
        self._open = ExitStack()
        self.config_mark = ""
        """That of `config`, where this context has read it."""

    def __enter__(self) -> Self:
        """Raises UsageError for a --now that is no time, whether the command asks for the time or not."""
        if self.args.now is not None:
            self.now = moment(self.args.now, option="--now")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def now(self) -> datetime:
        """The time of this run: --now, else the clock, read once."""
        return schedule.utc_now() if self.args.now is None else moment(self.args.now, option="--now")

    @cached_property
    def config(self) -> Config:
        """The checked config. Raises ConfigError."""
        config, self.config_mark = self.read_config()
        return config

    def read_config(self) -> tuple[Config, str]:
        """The config as it is now, and its mark; "" where it was edited meanwhile. Raises ConfigError."""
        from .. import config

        before, _ = self.mark()
        read = config.load(config.find(self.args.config, self.environ, self.cwd), self.environ)
        after, _ = self.mark()
        # Edited meanwhile: nobody knows which of the two was read.
        return read, before if before == after else ""

    @cached_property
    def polled(self) -> PollConfig:
        """What of the config a poll needs: all of it where it is read already, else as it was left.

        Raises ConfigError.
        """
        if "config" not in vars(self):
            mark, database = self.mark()
            if database and (left := _left(mark, database)):
                return left
        return self.config

    def leave_config(self) -> None:
        """Leaves to other commands what they need of the config, where it had to be read."""
        if self.config_mark:
            leave(self.config, self.config_mark)

    def mark(self) -> tuple[str, Path | None]:
        """The mark of the config, and its database where that is seen at a glance. Raises ConfigError."""
        from .. import config

        file = config.find(self.args.config, self.environ, self.cwd)
        data = config.file_bytes(file)
        return (
            config.mark_of(data, file, self.environ),
            config.database_at_a_glance(data, file, self.environ),
        )

    @cached_property
    def store(self) -> Store:
        """The database, opened for writing and made where it is missing. Raises StoreError."""
        return self._open.enter_context(self.open_store())

    @cached_property
    def poll_store(self) -> PollStore:
        """The part of it that a poll writes, opened for writing. Raises StoreError."""
        from ..store import PollStore

        return self._open.enter_context(PollStore.open(self.polled.database))

    def open_store(self, config: Config | None = None) -> Store:
        """A store of the caller's own, who closes it."""
        from ..store import Store

        return Store.open((config or self.polled).database)

    @cached_property
    def reader(self) -> Store:
        """The database for looking only. Raises StoreError where there is none yet."""
        from ..store import Store

        return self._open.enter_context(Store.open(self.polled.database, read_only=True))

    def again(self, config: Config | None = None) -> Context:
        """A new run under the config of this one, or another: its own time and its own store."""
        fresh = Context(self.args, self.environ, self.cwd)
        fresh.config = config or self.config
        return fresh

    def network(self) -> Network:
        """A client and a parser in child processes, as the config limits them; closed with the context.

        Raises OldExpat.
        """
        from ..fetch import Fetcher
        from ..jobs.asking import Network
        from ..sandbox import ParserPool, check_expat

        check_expat()
        config = self.polled
        fetcher = self._open.enter_context(
            Fetcher(
                user_agent=config.user_agent,
                allow_private=config.allow_private,
                proxy=config.proxy,
                per_host=config.per_host,
                mirrors=dict(config.mirrors),
            )
        )
        parser = self._open.enter_context(ParserPool(workers=min(2, os.cpu_count() or 1)))
        return Network(fetcher.fetch, parser.parse, parser.page)

    def item(self, ref: str) -> Judged:
        """The stored item with this id or address; of a story, such as s6, the report that leads it.

        An id may stand as a digest has it, "Id: 6.". Raises UsageError.
        """
        ref = ref.encode("utf-8", "replace").decode()  # a shell hands on bytes that are no text
        if printed := _PRINTED_ID.fullmatch(ref):
            ref = printed[1].lower()
        if _STORY_ID.fullmatch(ref):
            return self._lead(ref)
        found = self.reader.find(ref)
        if found is None and "://" in ref:
            from ..text import clean_url, identity_url

            found = self.reader.find(identity_url(ref)) or self.reader.find(clean_url(ref))
        if found is None:
            raise UsageError(f"no stored item is {ref!r}; `monitor search WORDS` finds ids")
        return found

    def _lead(self, story_id: str) -> Judged:
        story = self.reader.story(story_id)
        if story is None:
            raise UsageError(f"no stored story is {story_id!r}; digest.json and `monitor show ID` name them")
        return story.lead

    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: beside the config first, then the built-in ones."""
        from .. import resources

        beside = self.config.file.parent / "templates"
        return (beside, resources.templates()) if beside.is_dir() else (resources.templates(),)


def leave(config: Config, mark: str) -> bool:
    """Leaves in the database what other commands need of the config that has this mark, if that can be had.

    Only to save time: whether the database could be written.
    """
    from ..config import written
    from ..store import SourceStore, StoreError

    if text := written(config, mark):
        try:
            with SourceStore.open(config.database, busy_timeout=SHORTLY) as store:
                store.note_polled(text)
        except StoreError:
            return False
    return True


def _left(mark: str, database: Path) -> PollConfig | None:
    """What was left in the database, where it is of the config that has this mark."""
    from ..config import understood
    from ..store import SourceStore, StoreError

    if not database.exists():
        return None
    try:
        with SourceStore.open(database, read_only=True, busy_timeout=SHORTLY) as store:
            text = store.polled()
    except StoreError:
        return None  # whatever is the matter is found again, and told
    return understood(text, mark, database) if text else None


def sides(config: Config) -> dict[str, Side | None]:
    """What each source of a config implies, by its id."""
    return {source.id: source.side for source in config.sources}


def moment(text: str, *, option: str) -> datetime:
    """An ISO 8601 time as UTC; without an offset it is read as UTC. Raises UsageError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a time; write it as 2026-01-29T08:30Z") from None
    if not EARLIEST <= at.year <= LATEST:
        raise UsageError(f"{option} {text!r} is too far off; years {EARLIEST} to {LATEST} are accepted")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def since(text: str, now: datetime) -> datetime:
    """What `--since` names: "90d" or "12w" before `now`, or an ISO 8601 date or time. Raises UsageError."""
    written = text.strip().lower()
    if length := _AGO.fullmatch(written):
        count = int(length[1])
        at = now - timedelta(days=count if length[2] == "d" else 7 * count)
        if at.year < EARLIEST:
            raise UsageError(f"--since {text!r} is too far back; years from {EARLIEST} on are accepted")
    elif _DATE.match(written):
        at = moment(text.strip(), option="--since")
    else:
        raise UsageError(f"--since {text!r} is not understood; write 90d, 12w, or a date such as 2026-01-29")
    if at > now:
        raise UsageError(f"--since {text!r} is still to come; it is {now:%Y-%m-%d %H:%M} UTC")
    return at


def since_or_all(text: str, now: datetime) -> datetime | None:
    """The same, and None for "all". Raises UsageError."""
    return None if text.strip().lower() == "all" else since(text, now)


_PRINTED_ID = re.compile(r"\s*(?:id:?\s*)?(s?[0-9]+)\.?\s*", re.IGNORECASE | re.ASCII)
_STORY_ID = re.compile(r"s[0-9]+")
_AGO = re.compile(r"([0-9]{1,4})([dw])")  # four digits of weeks: no more than a datetime holds
_DATE = re.compile(r"[0-9]{4}-")


def one_of(wanted: str, known: Iterable[str], what: str) -> str:
    """`wanted`, where it is one of `known`. Raises UsageError with the nearest name."""
    names = list(known)
    if wanted in names:
        return wanted
    import difflib

    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(names) or 'none'}"
    raise UsageError(f"there is no {what} {wanted!r}; {hint}")


def topics_of(context: Context) -> tuple[str, ...]:
    """What `--topic a,b` names, also given several times; () where it is not given. Raises UsageError."""
    wanted = [topic.strip() for given in context.args.topic for topic in given.split(",")]
    known = [topic for topic, _ in context.polled.rules.topics]
    return tuple(dict.fromkeys(each_of(wanted, known, "topic")))


def each_of(wanted: Iterable[str], known: Iterable[str], what: str) -> tuple[str, ...]:
    """All of `wanted`, checked by one_of."""
    names = tuple(known)
    return tuple(one_of(name, names, what) for name in wanted)
