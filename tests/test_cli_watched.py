"""What those who watch the service see, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor import config
from monitor.cli.reloading import LiveConfig
from monitor.cli.watched import Watched
from monitor.config import Config
from monitor.models import FeedState, SourceOutcome
from monitor.store import Store
from monitor.web import WebError

from .conftest import NOW
from .program import write_config


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def loaded(folder: Path) -> Config:
    """The config in a folder, as LiveConfig reads it; on a port of its own, which no config may ask for."""
    return replace(config.load(folder / "config.yaml", {}), web_listen="127.0.0.1:0")


@pytest.fixture
def live(tmp_path: Path) -> LiveConfig:
    write_config(tmp_path, sources="{id: gazette, url: 'https://gazette.example/feed'}")
    return LiveConfig(loaded(tmp_path), lambda: loaded(tmp_path))


@pytest.fixture
def store(live: LiveConfig) -> Iterator[Store]:
    """A database whose one source has been read just now."""
    with Store.open(live.config.database) as opened:
        opened.sync_sources(live.config.sources)
        state = FeedState("gazette", url=live.config.sources[0].url, last_polled=NOW, last_ok=NOW)
        opened.record(SourceOutcome(state, "ok"), NOW)
        yield opened


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as opened:
        yield opened


def test_pages_health_and_numbers_are_served(live: LiveConfig, store: Store, client: httpx.Client) -> None:
    watched = Watched(live, store, Clock())
    watched.ran(2.5, is_well=True)
    live.config.output.mkdir(parents=True)
    (live.config.output / "index.html").write_text("<h1>UK-China monitor</h1>")
    with watched.served() as server:
        assert server is not None
        page, health, numbers = (client.get(f"{server.url}{path}") for path in ("", "healthz", "metrics"))

    assert (page.status_code, page.text) == (200, "<h1>UK-China monitor</h1>")
    assert (health.status_code, health.text) == (200, "ok\n")
    assert 'monitor_source_up{source="gazette"} 1\n' in numbers.text
    assert f"monitor_last_run_success_timestamp_seconds {NOW.timestamp():.0f}\n" in numbers.text
    assert "monitor_run_duration_seconds 2.5\n" in numbers.text


def test_a_config_that_cannot_be_used_is_told_with_its_line(
    tmp_path: Path, live: LiveConfig, store: Store, client: httpx.Client
) -> None:
    watched = Watched(live, store, Clock())
    (tmp_path / "config.yaml").write_text("nonsense: 1\n")
    live.notice()
    live.refresh()
    with watched.served() as server:
        assert server is not None
        health, numbers = client.get(f"{server.url}healthz"), client.get(f"{server.url}metrics")

    assert health.status_code == 200
    assert health.text.startswith("ok\nconfig.yaml:1:1: ")
    assert "monitor_config_last_reload_successful 0\n" in numbers.text


def test_a_service_that_stopped_polling_is_not_well(
    live: LiveConfig, store: Store, client: httpx.Client
) -> None:
    watched = Watched(live, store, Clock(NOW + timedelta(hours=5)))
    watched.ran(1.0, is_well=False)
    with watched.served() as server:
        assert server is not None
        health, numbers = client.get(f"{server.url}healthz"), client.get(f"{server.url}metrics")

    assert (health.status_code, health.text) == (503, "the last poll was 5 h ago; 70 min are allowed\n")
    assert "monitor_healthy 0\n" in numbers.text
    assert "monitor_last_run_success_timestamp_seconds" not in numbers.text


def test_it_answers_under_the_host_of_public_url(
    live: LiveConfig, store: Store, client: httpx.Client
) -> None:
    live.config = replace(live.config, public_url="https://monitor.example.org/china")
    with Watched(live, store, Clock()).served() as server:
        assert server is not None
        codes = [
            client.get(f"{server.url}healthz", headers={"Host": host}).status_code
            for host in ("monitor.example.org", "other.example.org")
        ]

    assert codes == [200, 400]


def test_null_serves_nothing(live: LiveConfig, store: Store) -> None:
    live.config = replace(live.config, web_listen=None)
    with Watched(live, store, Clock()).served() as server:
        assert server is None


def test_a_port_that_is_taken_is_refused_in_words(live: LiveConfig, store: Store) -> None:
    watched = Watched(live, store, Clock())
    with watched.served() as server:
        assert server is not None
        live.config = replace(live.config, web_listen=server.address)
        with pytest.raises(WebError, match="another program listens there already"), watched.served():
            pass


def test_a_new_public_url_is_heard_at_once(live: LiveConfig, store: Store, client: httpx.Client) -> None:
    watched = Watched(live, store, Clock())
    with watched.served() as server:
        assert server is not None
        host = {"Host": "news.example.org"}
        before = client.get(f"{server.url}healthz", headers=host)
        live.config = replace(live.config, public_url="https://news.example.org")
        after = client.get(f"{server.url}healthz", headers=host)

    assert (before.status_code, after.status_code) == (400, 200)
