"""The log: lines for people, objects for machines, and no secrets in either."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import logs

from .loopback import Loopback
from .mail_server import REFUSE_RCPT, MailServer
from .program import Ran, monitor, rss, write_config

NOW = "2026-01-29T08:30Z"
PASSWORD, TOKEN, PING = "canary-passw0rd", "canary-t0ken", "canary-p1ng"


def made(message: str, *arguments: Any) -> logging.LogRecord:
    return logging.LogRecord("monitor", logging.WARNING, __file__, 1, message, arguments, None)


def as_json(message: str, *arguments: Any) -> dict[str, Any]:
    """The fields of a line, without the time."""
    line: dict[str, Any] = json.loads(logs.JsonLines().format(made(message, *arguments)))
    assert line.pop("ts").endswith("Z")
    assert line.pop("level") == "warning"
    return line


@pytest.mark.parametrize(
    ("message", "arguments", "fields"),
    [
        (
            "poll source=%s status=%s items=%d seconds=%.1f",
            ("gazette", "ok", 20, 0.4),
            {"event": "poll", "source": "gazette", "status": "ok", "items": 20, "seconds": 0.4},
        ),
        (
            'source=%s text="%s"',
            ("a", "It failed."),
            {"event": "source", "source": "a", "text": "It failed."},
        ),
        ("service=stopped", (), {"event": "service", "service": "stopped"}),
        (
            "config=changed %s=ignored",
            ("database",),
            {"event": "config", "config": "changed", "database": "ignored"},
        ),
        ("window=%s-%s n=%d", ("a", "b", 3), {"event": "window", "window": "a-b", "n": 3}),
        ("look up of=%s", ("page",), {"event": "look up", "of": "page"}),
        ("something went wrong: %s", ("x=1",), {"event": "something went wrong: x=1"}),
        ("level=%s event=%s", ("high", "odd"), {"event": "level"}),
    ],
)
def test_the_pairs_of_a_line_are_fields_of_its_object(
    message: str, arguments: tuple[Any, ...], fields: dict[str, Any]
) -> None:
    assert as_json(message, *arguments) == fields


def test_what_a_stranger_says_is_one_field_whatever_it_looks_like() -> None:
    said = 'no" status=sent digest="daily\n{"level": "error"}'

    assert as_json('source=%s error="%s"', "gazette", said) == {
        "event": "source",
        "source": "gazette",
        "error": said,
    }


def test_what_a_stranger_says_is_one_line_of_text() -> None:
    said = "no\n2026-01-29 ERROR forged\r\x1b[2J\u202etxt\u2028end 北京"

    line = logs.TextLines().format(made('error="%s"', said))

    assert line.endswith(r'WARNING error="no\n2026-01-29 ERROR forged\r\x1b[2J\u202etxt\u2028end 北京"')


def test_a_quotation_mark_ends_no_field_of_a_text_line() -> None:
    line = logs.TextLines().format(made('where=%s problem="%s" n=%d', "a:1", 'unknown key "x"', 3))

    assert line.endswith("where=a:1 problem=\"unknown key 'x'\" n=3")


def test_what_stops_a_command_is_an_object_too(tmp_path: Path) -> None:
    run = monitor("--log-format", "json", "poll", cwd=tmp_path)

    (line,) = run.err.splitlines()
    assert run.code == 2
    assert "there is no config.yaml" in json.loads(line)["refused"]


def test_an_error_nobody_foresaw_has_its_trace_in_one_object() -> None:
    error = ZeroDivisionError("no numbers")
    record = logging.LogRecord(
        "monitor", logging.ERROR, __file__, 1, "tick=failed", (), (type(error), error, None)
    )

    line = logs.JsonLines().format(record)

    assert "\n" not in line
    assert json.loads(line)["trace"] == "ZeroDivisionError: no numbers"


def test_lines_of_one_run_share_an_id_and_those_of_the_next_have_another() -> None:
    with logs.run() as outer:
        before = as_json("a=1")["run_id"]
        with logs.run() as inner:
            within = as_json("a=2")["run_id"]
        after = as_json("a=3")["run_id"]

    assert (before, within, after) == (outer, inner, outer)
    assert outer != inner
    assert "run_id" not in as_json("a=4")


# The whole job


def whole_job(folder: Path, site: Loopback, server: MailServer, *options: str) -> Ran:
    """`monitor once` with all its secrets: login, a source's header, the ping's path, two recipients."""
    site.serve("/feed", rss(("Starmer meets Xi in Beijing", "The visit is the first since 2018.")))
    site.serve(f"/{PING}", b"OK")
    path = write_config(
        folder,
        site,
        f"{{id: gazette, url: '{{site}}/feed', kind: uk-media, headers: {{X-Token: {TOKEN}}}}}\n"
        f"{{id: gone, url: '{{site}}/gone', kind: uk-media, headers: {{X-Token: {TOKEN}}}}}",
        digests='digests:\n  daily: {title: D, schedule: "30 8 * * *", to: [ann@desk.example, '
        '"Bert <bert@desk.example>"]}\n',
    )
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f"mail: {{from: monitor@post.example, host: localhost, port: {server.port}, "
            f'ca_file: {server.ca_file(folder)}, username: desk, password: "${{SMTP_PASSWORD}}"}}\n'
            f"ping_url: {site.url(f'/{PING}')}\n"
        )
    return monitor("-v", "-v", *options, "--now", NOW, "once", cwd=folder, env={"SMTP_PASSWORD": PASSWORD})


@pytest.mark.parametrize(("form", "login"), [("text", "good"), ("json", "bad")])
def test_no_secret_and_no_recipient_is_in_the_log_the_archive_or_the_database_beyond_need(
    tmp_path: Path, form: str, login: str
) -> None:
    known = PASSWORD if login == "good" else "another"
    with Loopback() as site, MailServer(users={"desk": known}) as server:
        server.cue("bert@desk.example", REFUSE_RCPT)
        ran = whole_job(tmp_path, site, server, "--log-format", form)
        assert site.requests[0].path == f"/{PING}/start"
        taken = [recipient for recipient, _ in server.taken]

    assert taken == (["ann@desk.example"] if login == "good" else [])
    assert ran.err.count("\n") >= 5
    for secret in (PASSWORD, TOKEN, PING):
        assert secret not in ran.out + ran.err
        assert [path for path in tmp_path.rglob("*") if path.is_file() and kept(path, secret)] == []
    for recipient in ("ann@", "bert@", "desk.example", "Bert"):
        assert recipient not in ran.err
        assert not any(kept(path, recipient) for path in (tmp_path / "data" / "site").rglob("*.*"))


def kept(path: Path, secret: str) -> bool:
    """Whether a file has it; the config is where the user wrote it."""
    return path.name != "config.yaml" and secret.encode() in path.read_bytes()


def test_the_whole_job_as_json_is_an_object_a_line_with_one_run_id(tmp_path: Path) -> None:
    with Loopback() as site, MailServer(users={"desk": PASSWORD}) as server:
        ran = whole_job(tmp_path, site, server, "--log-format", "json")

    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert len({line["run_id"] for line in lines}) == 1
    polls = {line["source"]: line for line in lines if line["event"] == "poll"}
    assert polls.keys() == {"gazette", "gone"}
    assert (polls["gazette"]["status"], polls["gazette"]["new"]) == ("ok", 1)
    assert isinstance(polls["gazette"]["seconds"], float)
    assert (polls["gone"]["level"], "404" in polls["gone"]["error"]) == ("warning", True)
    sent = [line for line in lines if line.get("status") == "sent"]
    assert [line["digest"] for line in sent] == ["daily", "daily"]
