"""A poll killed at any statement, then started again: nothing is lost, who was not written is asked again.

Sources that were unchanged or failed are written twenty at a time: a kill forgets as many answers.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import config as configuration
from monitor.config import Config
from monitor.fetch import Fetcher
from monitor.jobs.asking import Network
from monitor.jobs.collect import UNREAD_AT_A_TIME, collect
from monitor.parse import parse_feed, parse_page
from monitor.store import Store

from .conftest import NOW
from .loopback import Loopback
from .program import rss, write_config
from .test_promises_database import ALL, READS
from .test_store_kill import killed_at_statement, sound
from .test_store_upgrade import contents

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked here")

LATER = NOW + timedelta(hours=3)
UNCHANGED, FAILING = [f"same{n}" for n in range(UNREAD_AT_A_TIME + 2)], ["broken0", "broken1"]
UNREAD = {*UNCHANGED, *FAILING}
NEWS = "news"
EVERYONE = {*UNREAD, NEWS}
STRIDE = 1 if ALL else 3
"""A kill between two rows of the same twenty leaves what one between two others leaves."""


@dataclass(frozen=True)
class Polled:
    """A monitor whose sources have been read once; since then one has news, and two are broken."""

    config: Config
    site: Loopback

    def poll(self, name: str = "first", now: datetime = LATER) -> None:
        """As the program does it, but for the parser's child process; servers hear of it by this name."""
        with (
            Fetcher(user_agent=name, allow_private=self.config.allow_private) as fetcher,
            Store.open(self.config.database) as store,
        ):
            collect(self.config, store, Network(fetcher.fetch, parse_feed, parse_page), now)

    def asked(self, name: str) -> Counter[str]:
        """Who was asked by the poll of this name, and how often."""
        heard = [request for request in self.site.requests if request.headers["user-agent"] == name]
        return Counter(request.path.strip("/") for request in heard)

    def written(self) -> set[str]:
        """Whose answer of the later poll is in the database."""
        with Store.open(self.config.database) as store:
            return {id_ for id_, state in store.feed_states().items() if state.last_polled == LATER}


@pytest.fixture
def polled(tmp_path: Path) -> Iterator[Polled]:
    with Loopback() as site:
        ids = [*UNCHANGED, *FAILING, NEWS]
        rows = [f"{{id: {id_}, url: '{{site}}/{id_}', kind: uk-media}}" for id_ in ids]
        for id_ in ids:
            site.serve(f"/{id_}", rss((f"Britain and China talk, says {id_}", "In London.")), etag='"1"')
        config = configuration.load(write_config(tmp_path, site, "\n".join(rows)), {})
        made = Polled(config, site)
        made.poll("before", NOW)
        for id_ in FAILING:
            site.serve(f"/{id_}", status=500)
        site.serve(f"/{NEWS}", rss(("Chinese embassy in London", "A visit.")), etag='"2"')
        yield made


def test_a_poll_that_was_killed_ends_as_if_nothing_had_happened(tmp_path: Path, polled: Polled) -> None:
    database, before = polled.config.database, tmp_path / "before.db"
    shutil.copy(database, before)
    polled.poll("undisturbed")
    undisturbed = contents(database)
    assert polled.asked("undisturbed") == Counter(EVERYONE)
    assert polled.written() == EVERYONE

    number, forgotten = 1, Counter[int]()
    while True:
        for left in database.parent.glob(f"{database.name}*"):
            left.unlink()
        shutil.copy(before, database)
        if not killed_at_statement(number, lambda: polled.poll("killed"), passed_over=READS):
            break
        assert sound(database)
        written = polled.written()
        # Twenty and then the rest, or none of them.
        assert len(written & UNREAD) in (0, UNREAD_AT_A_TIME, len(UNREAD))
        forgotten[len(UNREAD - written)] += 1

        polled.poll(f"after {number}")

        assert polled.asked(f"after {number}") == Counter(EVERYONE - written)
        assert sound(database)
        assert contents(database) == undisturbed
        number += STRIDE

    assert contents(database) == undisturbed
    assert set(forgotten) >= {len(UNREAD), len(UNREAD) - UNREAD_AT_A_TIME}
    assert number > len(UNREAD)  # kills among the rows that are written
