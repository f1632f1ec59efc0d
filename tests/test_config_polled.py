"""What of a config is left to the next poll, and when it counts."""

from __future__ import annotations

from dataclasses import fields
from hashlib import blake2b
from pathlib import Path

import pytest

from monitor.config import Config, PollConfig, parse, understood, written
from monitor.models import Source

FILE = Path("/desk/config.yaml")
DATABASE = Path("/desk/data/monitor.db")
FULL = """
timezone: Asia/Hong_Kong
polling:
  {every: 20m, concurrency: 3, per_host: 2, timeout: 5s, max_bytes: 1MB, look_up: false, full_text_limit: 7}
network:
  allow_private: [10.0.0.5/32]
  proxy: http://proxy.example:3128
  mirrors: {www.gov.uk: "http://127.0.0.1:8123"}
sources:
  - {id: gazette, url: "https://gazette.example/feed?page=1", name: The Gazette, outlet: Gazette Ltd,
     kind: think-tank, side: uk, every: 90s, timeout: 2s, max_bytes: 2MB, strip: [Read more, Sign up],
     full_text: true, enabled: false, lang: en, note: "for the desk – 早"}
  - {id: questions, parliament: {list: written-questions, search: China}}
  - {id: news, govuk: {world_locations: [china]}}
rules:
  sides: {uk: [UK, "Britain ^2"], china: [China, 中国]}
  both: [UK-China]
  ignore: [bone china]
  elsewhere: [Wales]
  exclude: [football]
  relevance: {title: 4, topics_max: 2, fallback_topic: trade}
topics:
  trade: {title: Trade, terms: ["tariff* OR quota", "steel NEAR/5 dumping"]}
  other: {terms: []}
"""


def read(text: str, **environ: str) -> Config:
    return parse(text, file=FILE, environ=environ)


def once_more(config: PollConfig, mark: str = "m") -> PollConfig | None:
    text = written(config, mark)
    assert text is not None
    return understood(text, mark, DATABASE)


@pytest.mark.parametrize("text", [FULL, "sources: []"])
def test_what_is_kept_is_what_was_read(text: str) -> None:
    config = read(text)
    kept = once_more(config)

    assert kept is not None
    for one in fields(PollConfig):
        if one.name != "rulebook":
            assert getattr(kept, one.name) == getattr(config, one.name), one.name
    assert kept.rulebook.version == config.rulebook.version
    assert kept.rulebook.spec == config.rulebook.spec


def test_the_example_has_a_value_of_its_own_for_each_of_a_sources_fields() -> None:
    seen = read(FULL).sources
    plain = read("sources: [{id: plain, url: 'https://a.example/'}]").sources[0]
    differing = {
        one.name
        for one in fields(Source)
        for source in seen
        if getattr(source, one.name) != getattr(plain, one.name)
    }

    assert {one.name for one in fields(Source)} - differing == {"headers"}


def test_under_another_mark_or_database_it_counts_no_more() -> None:
    text = written(read(FULL), "one")
    assert text is not None

    assert understood(text, "one", DATABASE)
    assert understood(text, "another", DATABASE) is None
    assert understood(text, "", DATABASE) is None
    assert understood(text, "one", DATABASE.with_name("other.db")) is None


def test_a_text_that_was_damaged_or_is_of_another_version_is_passed_over() -> None:
    text = written(read(FULL), "m")
    assert text is not None

    for damaged in (text.replace("gazette.example", "gazette.exbmple"), text[:-1], "", "\n", "m", text + " "):
        assert understood(damaged, "m", DATABASE) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"timezone":"Asia/Hong_Kong"', '"timezone":"Asia"'),
        ('"timezone":"Asia/Hong_Kong"', '"timezone":"Nowhere/None"'),
        ('"timezone":"Asia/Hong_Kong"', f'"timezone":"{"x" * 5000}"'),
        ('"timezone":"Asia/Hong_Kong"', '"timezone":7'),
        ('"concurrency":3', f'"concurrency":{"[" * 100_000}'),
        (",90.0,", ",1e300,"),
        (",90.0,", ",null,"),
        (",90.0,", ',"often",'),
        ('"rules":{', '"rules":7,"other":{'),
        ('"weights":{', '"weights":{"unknown":1,'),
    ],
)
def test_a_text_that_makes_no_sense_is_passed_over_though_its_digest_fits(old: str, new: str) -> None:
    text = written(read(FULL), "m")
    assert text is not None
    body = text.partition("\n")[2]
    assert old in body
    body = body.replace(old, new, 1)
    head = f"m {blake2b(body.encode(), digest_size=16).hexdigest()}"

    understood(f"{head}\n{body}", "m", DATABASE)  # raises nothing


def test_a_login_in_the_public_address_is_told_to_no_server_and_not_kept() -> None:
    config = read("public_url: 'https://ann:hunter2@a.example/'")

    assert "a.example" in config.user_agent
    assert "hunter2" not in config.user_agent
    assert "hunter2" not in (written(config, "m") or "")


@pytest.mark.parametrize(
    "secret",
    [
        "sources: [{id: a, url: 'https://ann:hunter2@a.example/feed'}]",
        "sources: [{id: a, url: 'https://a.example/feed?api_key=hunter2'}]",
        "sources: [{id: a, url: 'https://a.example/feed', headers: {X-Key: hunter2}}]",
        "network: {proxy: 'http://ann:hunter2@proxy.example:3128'}",
    ],
)
def test_a_config_with_a_secret_in_what_is_polled_is_not_kept(secret: str) -> None:
    assert written(read(secret), "m") is None


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("polling: {user_agent: '${NAME}'}", False),
        ("sources: [{id: a, url: 'https://a.example/${NAME}'}]", False),
        ("sources: [{id: a, url: 'https://a.example/', strip: ['${NAME}']}]", False),
        ("rules: {sides: {uk: ['${NAME}']}}", False),
        ("public_url: 'https://${NAME}.example/'", False),
        ("timezone: '${NONE:-Europe/London}'", False),
        ("rules: {sides: {uk: ['$${NAME}']}}", True),
        ("ping_url: 'https://ping.example/${NAME}'", True),
        ("mail: {from: desk@example.org, host: localhost, security: none, password: '${NAME}'}", True),
        ("database: '${NONE:-data}/monitor.db'", True),
    ],
)
def test_what_a_variable_may_change_is_not_kept(text: str, is_kept: bool) -> None:
    config = read(text, NAME="hunter2")
    kept = written(config, "m")

    assert (kept is not None) == is_kept
    assert "hunter2" not in (kept or "")
