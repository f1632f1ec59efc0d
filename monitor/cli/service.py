"""Shell: the service: polls, digests and mails as they fall due, until it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from .. import deliver, jobs, schedule
from ..store import AlreadyPublished, StoreBusy
from .context import Context
from .running import digests_due

log = logging.getLogger("monitor")

PING_EVERY = timedelta(minutes=5)
"""How often the dead-man's switch hears that all is well; at once where that changes."""


def run(context: Context) -> int:
    """`monitor run`: polls, digests and mails as they fall due, until SIGTERM or SIGINT."""
    config = context.config
    network = context.network()
    switch = _Switch(context)
    # Opened once before the first tick, so that an unusable database stops the start and not the night.
    context.open_store().close()

    def tick(stopping: Callable[[], bool]) -> None:
        is_well = True
        try:
            with context.again() as turn:
                reports = jobs.collect(config, turn.store, network, turn.now, stopping=stopping)
                asked = [report for report in reports if report.status != "skipped"]
                is_well = not asked or any(report.status != "failed" for report in asked)
                if not stopping():
                    digests_due(turn, config, turn.store)
                sending = jobs.send(config, turn.store, turn.now, stopping=stopping)
                is_well &= all(one.delivery.status == "sent" for one in sending.posted)
        except (StoreBusy, AlreadyPublished, deliver.DeliveryError) as error:
            # These pass, or wait for somebody; what was committed stays, and the next tick takes it up.
            log.error('will_try_again="%s"', error)  # noqa: TRY400 - nothing to trace
            is_well = False
        if not stopping():
            switch.tell(is_well=is_well)

    log.info("service=started sources=%d digests=%d", len(config.sources), len(config.digests))
    schedule.run_until_stopped(tick, timedelta(seconds=context.args.tick))
    log.info("service=stopped")
    return 0


class _Switch:
    """The dead-man's switch, told now and then, and at once where things change."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._was_well: bool | None = None
        self._told: datetime | None = None

    def tell(self, *, is_well: bool) -> None:
        now = self._context.again().now
        is_news = is_well != self._was_well
        if not is_news and self._told and timedelta(0) <= now - self._told < PING_EVERY:
            return
        jobs.ping(self._context.config, "success" if is_well else "fail")
        self._was_well, self._told = is_well, now
