"""The JSON Schema, and that it and the loader are of one mind."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from monitor.config import ConfigError, json_schema, schema_text
from monitor.config.schema import ConfigFile, RelevanceSection
from monitor.models import RelevanceWeights
from tests.conftest import PROJECT
from tests.test_config import FULL, SOURCE, read


def plain(text: str) -> Any:
    """The values as any YAML 1.2 tool reads them."""
    return YAML(typ="safe", pure=True).load(text)


def accepts(text: str) -> bool:
    return bool(Draft7Validator(json_schema()).is_valid(plain(text)))


def loads(text: str) -> bool:
    try:
        read(text, PORT="25")
    except ConfigError:
        return False
    return True


def keys(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that the schema describes, with its path."""
    for name, entry in schema.get("properties", {}).items():
        yield f"{path}.{name}", entry
        yield from keys(entry, f"{path}.{name}")
    inner = [*schema.get("patternProperties", {}).values(), *schema.get("anyOf", ())]
    for entry in [*inner, schema["items"]] if "items" in schema else inner:
        yield from keys(entry, path)


def test_it_is_valid_draft_07() -> None:
    schema = json_schema()

    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not {"$defs", "$ref", "prefixItems"} & set(schema_text().replace('"', " ").split())


def test_every_key_says_what_it_is_for_and_optional_ones_what_holds_without_them() -> None:
    described = dict(keys(json_schema()))
    needed = {".sources.id", ".sources.url", ".sources.parliament.list", ".digests.schedule", ".mail.from"}
    sections = {path for path, entry in described.items() if "properties" in entry}

    assert [path for path, entry in described.items() if not entry.get("description")] == []
    assert {path for path, entry in described.items() if "default" not in entry} - sections - {
        ".digests"
    } == needed


def test_no_level_takes_unknown_keys() -> None:
    for text in (
        "x: 1",
        "polling: {x: 1}",
        "sources: [{id: a, url: 'https://x.example/', x: 1}]",
        "mail: {x: 1}",
    ):
        assert not accepts(text)


def test_its_defaults_are_what_the_loader_takes() -> None:
    polling = json_schema()["properties"]["polling"]["properties"]
    defaults = json.dumps({name: entry["default"] for name, entry in polling.items()})

    written, left_out = read(f"polling: {defaults}\n{SOURCE}"), read(SOURCE)

    assert written.sources == left_out.sources
    assert written.concurrency == left_out.concurrency
    assert written.user_agent == left_out.user_agent


def test_relevance_has_the_fields_and_defaults_of_the_model() -> None:
    section = RelevanceSection()

    assert list(RelevanceSection.model_fields) == [
        field.name for field in dataclasses.fields(RelevanceWeights)
    ]
    assert RelevanceWeights(**section.model_dump()) == RelevanceWeights()


def test_the_shape_of_an_empty_file_is_all_defaults() -> None:
    assert ConfigFile.model_validate({}).polling.concurrency == 16


@pytest.mark.parametrize(
    "text",
    [
        SOURCE,
        FULL,
        "{}",
        "timezone: ${TZ:-Europe/Paris}",
        "polling: {max_bytes: 5000000}",
        "retention: {matched: forever, unmatched: 90d}",
        "public_url: null",
        "web: {listen: null}",
        "mail: null",
        "mail: {from: a@example.org, port: '${PORT}'}",
        "sources: [{id: a, url: '${U:-https://x.example/}', every: '${E:-5m}', enabled: '${X:-true}'}]",
        "topics: {trade: {terms: [tariff*]}}\ndigests: {daily: {schedule: immediately, topics: [trade]}}",
        "digests: {daily: {schedule: '0 8 * * 1-5', topics: all}}",
        "network: {allow_private: ['127.0.0.1:8123']}",
        "network: {mirrors: {www.gov.uk: 'http://127.0.0.1:8123', api.example: 'https://mirror.example/'}}",
        "sources: [{id: a, govuk: {world_locations: [china, hong-kong], keywords: '${WORDS:-China}'}}]",
        "sources: [{id: a, govuk: {finder: guidance-and-regulation}, side: null, kind: other}]",
        "sources: [{id: a, govuk: {travel_advice: china}}]",
        "sources: [{id: a, parliament: {list: hansard, search: China, house: lords}}]",
        "sources: [{id: a, parliament: {list: committee-publications}}]",
    ],
)
def test_loader_and_schema_accept(text: str) -> None:
    assert loads(text)
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "timezone: ''",
        "timezone: 5",
        "polling: []",
        "polling: null",
        "polling: {every: 30}",
        "polling: {every: soon}",
        "polling: {concurrency: 0}",
        "polling: {concurrency: 16.5}",
        "polling: {max_bytes: 10M}",
        "polling: {max_bytes: 60000000}",
        "sources: {}",
        "sources: [{id: a}]",
        "sources: [{url: 'https://x.example/'}]",
        "sources: [{id: A, url: 'https://x.example/'}]",
        "sources: [{id: a, url: 'file:///etc/passwd'}]",
        "sources: [{id: a, url: 'https://x.example/', kind: blog}]",
        "sources: [{id: a, url: 'https://x.example/', side: us}]",
        "sources: [{id: a, url: 'https://x.example/', enabled: 1}]",
        "sources: [{id: a, url: null}]",
        "sources: [{id: a, url: 'https://x.example/', govuk: {keywords: China}}]",
        "sources: [{id: a, govuk: {}}]",
        "sources: [{id: a, govuk: null}]",
        "sources: [{id: a, govuk: {finder: all}}]",
        "sources: [{id: a, govuk: {world_locations: [Hong Kong]}}]",
        "sources: [{id: a, govuk: {world_locations: china}}]",
        "sources: [{id: a, govuk: {keywords: ' '}}]",
        "sources: [{id: a, parliament: {search: China}}]",
        "sources: [{id: a, parliament: {list: bills, search: China}}]",
        "sources: [{id: a, parliament: {list: hansard, search: ''}}]",
        "network: {mirrors: {WWW.GOV.UK: 'http://127.0.0.1'}}",
        "network: {mirrors: {www.gov.uk: 'http://127.0.0.1/a'}}",
        "network: {mirrors: {www.gov.uk: '127.0.0.1'}}",
        "rules: {both: JETCO}",
        "rules: {both: [2026]}",
        "rules: {both: [{UK: China}]}",
        "rules: {both: [null]}",
        "rules: {relevance: {title: -1}}",
        "rules: {relevance: {topics_max: 0}}",
        "topics: {Hong Kong: {}}",
        "topics: {trade: [tariff]}",
        "digests: {daily: {}}",
        "digests: {daily: {schedule: daily}}",
        "digests: {daily: {schedule: immediately, topics: []}}",
        "digests: {daily: {schedule: immediately, to: [analyst]}}",
        "mail: {host: localhost}",
        "mail: {from: a@example.org, port: 0}",
        "mail: {from: a@example.org, security: ssl}",
        "web: {listen: 8080}",
        "retention: {matched: always}",
    ],
)
def test_loader_and_schema_refuse(text: str) -> None:
    assert not loads(text)
    assert not accepts(text)


def test_it_accepts_the_shipped_config() -> None:
    assert accepts((PROJECT / "config.yaml").read_text(encoding="utf-8"))


def test_its_text_is_json_with_a_newline_at_the_end() -> None:
    assert json.loads(schema_text()) == json_schema()
    assert schema_text().endswith("}\n")
