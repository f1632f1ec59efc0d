"""Shell: the service: polls, digests and mails as they fall due, until it is stopped."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from .. import deliver, health, render, schedule
from ..config import Config, ConfigError
from ..jobs.asking import Network
from ..jobs.collect import collect
from ..jobs.ping import ping
from ..jobs.publish import put_out
from ..jobs.send import send
from ..jobs.upkeep import prune_daily
from ..models import OwnWord
from ..store import Store, StoreBusy, StoreError
from ..watching import watching
from . import logs
from .context import Context, leave
from .reloading import SETTLES, LiveConfig
from .running import digests_due
from .watched import Watched

log = logging.getLogger("monitor")

AT_ONCE = 0.2
"""Seconds that the end may wait for a database that somebody keeps locked."""
SAID_AGAIN = timedelta(minutes=10)
"""How often the service says of itself that it is there; at once where there is something new to say."""
PING_EVERY = timedelta(minutes=5)
"""How often the dead-man's switch hears that all is well; at once where that changes."""


def run(context: Context) -> int:
    """`monitor run`: polls, digests and mails as they fall due, until SIGTERM or SIGINT.

    Exit 75 where another service is at work on the same database.
    """
    # Opened before the first tick, so that an unusable database stops the start and not the night.
    database = context.config.database
    if not _holds_data(database):
        log.warning("database=%s is_new=yes", database)
    with context.open_store() as store, store.only_service() as is_alone:
        if not is_alone:
            print(f"monitor: another `monitor run` is at work on {store.path}", file=sys.stderr)
            return 75
        _check(store)
        with Service(context) as service:
            watched = Watched(service.live, store, service.now)
            with watched.served():
                config = service.live.config
                log.info("service=started sources=%d digests=%d", len(config.sources), len(config.digests))
                has_ended = schedule.run_until_stopped(
                    partial(_watched_tick, service, watched),
                    timedelta(seconds=context.args.tick),
                    beside=service.watching_files,
                )
    take_leave(database)
    if not has_ended:
        log.warning("service=stopping left_unfinished=yes")
    log.info("service=stopped")
    return 0


def take_leave(database: Path) -> None:
    """Says in the database that the service has ended, if that can be written at once.

    What was left unfinished may hold it, or the disk be full: then the service is just not heard of any more.
    """
    try:
        with Store.open(database, busy_timeout=AT_ONCE) as store:
            store.withdraw_own_word()
    except StoreError as error:
        log.warning('service=stopping word_not_withdrawn="%s"', error)


def _holds_data(database: Path) -> bool:
    try:
        return database.stat().st_size > 0
    except OSError:
        return False


def _check(store: Store) -> None:
    """Raises StoreError for a damaged file. One that somebody writes to just now is looked at next time."""
    try:
        if not store.check_at_start():
            log.warning("database=%s too_large_to_check_at_start=yes", store.path)
    except StoreBusy:
        log.warning("database=%s busy_at_start=yes", store.path)


Stopping = Callable[[], bool]


def _watched_tick(service: Service, watched: Watched, stopping: Stopping) -> None:
    begun = time.monotonic()
    with logs.run():
        done = service.tick(stopping)
    watched.ran(time.monotonic() - begun, is_well=done.is_well, new_config=done.new_config)


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick has found and done."""

    is_well: bool
    new_config: bool


class Service:
    """What the service does at each tick. A context manager: what it opened is closed at its end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.live = LiveConfig(context.config, self._loaded, is_current=_is_current(context))
        self._network = ExitStack()
        self._client = self._new_client()
        self._switch = _Switch()
        self._is_read = True
        self._said: OwnWord | None = None
        self._mark = context.config_mark
        """That of the config that was read last."""
        self._left = ""
        self._had_database = False
        self._wake: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The time, or what --now says it is."""
        return self._turn().now

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_error: object) -> None:
        self._network.close()

    @contextmanager
    def watching_files(self, wake: Callable[[], None]) -> Iterator[None]:
        """While this is open, an edited config or template makes a tick come at once."""
        folder = self.live.config.file.parent

        def changed() -> None:
            # The service itself writes where the config lies, if the database lies there.
            if self.live.differs():
                self.live.notice()
                wake()

        self._wake = wake
        templates = folder / "templates"
        with watching([folder, templates, *(templates / name for name in render.FOLDERS)], changed):
            yield

    def tick(self, stopping: Stopping) -> Tick:
        """Whatever is due now: the config, the sources, the digests, the mails."""
        new_config = self.live.refresh()
        if self.live.is_unsettled:
            # Edited before its folder was watched: nobody else will tell of it.
            again = threading.Timer(SETTLES, self._wake)
            again.daemon = True
            again.start()
        self.live.templates.refresh()
        if new_config:
            self._network.close()
            self._client = self._new_client()
        is_well = self._work(stopping)
        self._leave_config()
        if not stopping():
            self._switch.tell(self.live.config, self.now(), is_well=is_well)
        return Tick(is_well, new_config)

    def _work(self, stopping: Stopping) -> bool:
        """Whether all went well."""
        went_well = [
            self._step(step, stopping)
            for step in (
                self._say,
                self._collect,
                self._publish,
                self._send,
                self._prune,
            )
        ]
        return all(went_well)

    def _step(
        self, step: Callable[[Context, Callable[[], bool]], bool], stopping: Callable[[], bool]
    ) -> bool:
        """Whether it went well. What hinders one step is no reason to leave out the next."""
        is_there = self.live.config.database.exists()
        if self._had_database and not is_there:
            # A new one would know nothing, and mail again what was mailed before.
            log.error('will_try_again="%s is gone: put it back"', self.live.config.database)
            return False
        self._had_database = self._had_database or is_there
        try:
            with self._turn() as turn:
                return step(turn, stopping)
        except (StoreError, deliver.DeliveryError) as error:
            # A full disk, a busy database: these pass, or wait for somebody. What was committed stays, the
            # next tick takes it up, and `monitor health` fails meanwhile.
            log.error('will_try_again="%s"', error)  # noqa: TRY400 - nothing to trace
            return False

    def _say(self, turn: Context, _stopping: Stopping) -> bool:
        """Leaves word in the database for `monitor health`, which may not be able to read the config."""
        every = health.shortest_interval(self.live.config.sources)
        word = OwnWord(turn.now, every, self.live.trouble_told)
        said = self._said
        is_news = said is None or (said.every, said.trouble) != (word.every, word.trouble)
        if said is None or is_news or not timedelta(0) <= turn.now - said.at < SAID_AGAIN:
            turn.store.note_own_word(word)
            self._said = word
        return True

    def _leave_config(self) -> None:
        """Leaves to other commands what they need of the config, once for each."""
        if not self.live.trouble and self._mark and self._mark != self._left:
            with suppress(ConfigError):  # gone in this moment: the next tick tells of it
                if self._mark == self._context.mark()[0] and leave(self.live.config, self._mark):
                    self._left = self._mark

    def _collect(self, turn: Context, stopping: Stopping) -> bool:
        reports = collect(self.live.config, turn.store, self._client, turn.now, stopping=stopping)
        asked = [report for report in reports if report.status != "skipped"]
        if asked:
            self._is_read = any(report.status != "failed" for report in asked)
        return self._is_read

    def _publish(self, turn: Context, stopping: Stopping) -> bool:
        if stopping():
            return True
        config, env = self.live.config, self.live.templates.environment
        digests_due(turn, config, turn.store, env, troubles=self.live.troubles)
        put_out(config, turn.store, env)
        return True

    def _send(self, turn: Context, stopping: Stopping) -> bool:
        sending = send(self.live.config, turn.store, turn.now, stopping=stopping)
        is_waiting = any(one.delivery.attempts for one in turn.store.outbox.open())
        return not is_waiting and all(one.delivery.status == "sent" for one in sending.posted)

    def _turn(self) -> Context:
        """A run of its own: its own time, its own store, the config as it is now."""
        return self._context.again(self.live.config)

    def _loaded(self) -> Config:
        found, self._mark = self._context.read_config()
        return found

    def _new_client(self) -> Network:
        return self._network.enter_context(self._context.again(self.live.config)).network()

    def _prune(self, turn: Context, stopping: Stopping) -> bool:
        """Once a day."""
        if not stopping():
            prune_daily(self.live.config, turn.store, turn.now, stopping=stopping)
        return True


def _is_current(context: Context) -> bool:
    """Whether the config file is still what was read of it: the check of a large database takes a while."""
    try:
        return context.mark()[0] == context.config_mark
    except ConfigError:
        return False


class _Switch:
    """The dead-man's switch, told now and then, and at once where things change."""

    def __init__(self) -> None:
        self._was_well: bool | None = None
        self._told: datetime | None = None

    def tell(self, config: Config, now: datetime, *, is_well: bool) -> None:
        is_news = is_well != self._was_well
        if not is_news and self._told and timedelta(0) <= now - self._told < PING_EVERY:
            return
        ping(config, "success" if is_well else "fail")
        self._was_well, self._told = is_well, now
