"""What the config says of mail, channels and the dead-man's switch."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, ConfigError, describe, lint
from monitor.config.reading import examine_text
from monitor.models import Problem
from tests.program import monitor
from tests.test_config import read
from tests.test_config_problems import problems_of, shown

CANARY = "s3cret-t0ken"
DAILY = 'digests:\n  daily:\n    schedule: "30 8 * * *"\n'
ALERTS = "digests:\n  alerts:\n    schedule: immediately\n"
MAIL = "mail:\n  from: a@example.org\n"


def lints(text: str, **environ: str) -> list[Problem]:
    examined = examine_text(text, Path("config.yaml"), environ)
    assert examined.document
    return list(lint.lint(examined.document))


def test_channels_arrive_in_their_order_each_once_and_an_empty_variable_is_none() -> None:
    text = DAILY + '    channels: ["${A}", "json://localhost/b", "${NONE:-}", "${A}"]\n'

    config = read(text, A="slack://x/y")

    assert config.digests[0].channels == ("slack://x/y", "json://localhost/b")
    assert read(DAILY).digests[0].channels == ()


def test_an_alert_comes_at_most_every_quarter_of_an_hour_unless_said_otherwise() -> None:
    assert read(ALERTS).digests[0].at_most_every == timedelta(minutes=15)
    assert read(ALERTS + "    at_most_every: 2h\n").digests[0].at_most_every == timedelta(hours=2)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[oauth2-token, me@example.org]", ("oauth2-token", "me@example.org")),
        ("oauth2-token --for 'me and you'", ("oauth2-token", "--for", "me and you")),
        ("bin/token a/b", ("/etc/monitor/bin/token", "a/b")),
        ("[~/token]", ("/home/desk/token",)),
        ("[/usr/bin/token]", ("/usr/bin/token",)),
        ("[]", ()),
        ("${COMMAND:-}", ()),
        ("${COMMAND:-token me}", ("token", "me")),
    ],
)
def test_a_command_is_words_and_its_path_counts_from_the_file(written: str, words: tuple[str, ...]) -> None:
    config = read(f"{MAIL}  username: u\n  auth_command: {written}\n", HOME="/home/desk")

    assert config.mail
    assert config.mail.auth_command == words


@pytest.mark.parametrize(
    ("written", "path"), [("ca.pem", "/etc/monitor/ca.pem"), ("/ca.pem", "/ca.pem"), ("${CA:-}", "")]
)
def test_the_certificates_are_looked_for_from_the_file(written: str, path: str) -> None:
    config = read(f"{MAIL}  ca_file: {written}\n")

    assert config.mail
    assert config.mail.ca_file == path


def test_the_switch_is_an_address_and_may_be_left_out() -> None:
    assert read("ping_url: http://10.0.0.5/ping/k?create=1\n").ping_url == "http://10.0.0.5/ping/k?create=1"
    assert read('ping_url: "${PING:-}"\n').ping_url is None
    assert read("{}").ping_url is None


@pytest.mark.parametrize(
    ("text", "start", "hint"),
    [
        (DAILY + "    channels: [hooks.example]\n", "4:16 a text that does not fit is no channel", "URL"),
        (DAILY + '    channels: ["slack://a b"]\n', "4:16 a text that does not fit is no channel", "URL"),
        (DAILY + "    channels: slack://a\n", "4:15 expected a list of words", "[word]"),
        (DAILY + "    channels:\n      -\n", "5:8 an empty entry", ""),
        (DAILY + "    at_most_every: 30m\n", "4:5 at_most_every is for a digest that comes immed", "delete"),
        (ALERTS + "    at_most_every: 30\n", "4:20 expected a duration", "30m"),
        (
            MAIL + "  username: u\n  password: p\n  auth_command: x\n",
            "5:3 auth_command is in place of a pass",
            "",
        ),
        (MAIL + "  auth_command: x\n", "3:3 auth_command needs to know for whom", "username"),
        (MAIL + '  username: u\n  auth_command: "x \'y"\n', "4:17 a quotation mark in this command", "list"),
        (
            MAIL + "  username: u\n  auth_command: 7\n",
            "4:17 expected a command, found the number 7",
            "[program",
        ),
        (MAIL + "  ca_file: ' '\n", "3:12 the text is empty", ""),
        ("ping_url: ftp://x.example/\n", "1:11 only http and https are read", "https://"),
        ("ping_url: [x]\n", "1:11 expected a single text", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, start: str, hint: str) -> None:
    (found,) = (shown(problem) for problem in problems_of(text))

    assert found.startswith(start)
    assert hint in found


def test_recipients_without_a_mail_section_are_warned_of() -> None:
    (found,) = lints(DAILY + "    to: [a@example.org]\n")

    assert (found.line, found.column) == (4, 5)
    assert "nobody gets it" in found.message
    assert lints(DAILY + "    to: []\n") == []


def test_channels_need_no_mail() -> None:
    assert read(DAILY + '    channels: ["${A}"]\n', A="json://localhost/").mail is None


@pytest.mark.parametrize(
    "text",
    [
        DAILY + f"    channels: [x, 'slack://{CANARY}']\n",
        DAILY + f"    channels: ['slack://a', 'slak {CANARY}']\n",
        DAILY + f"    channels:\n      - slack://{CANARY}\n      - {CANARY}\n",
        DAILY + f"    chanels: ['slack://{CANARY}']\n",
        DAILY + f"    channels: ['slack://{CANARY}'\n",
        DAILY + f"    channels:\n      - slack://{CANARY}: x: y\n",
        DAILY + "    channels: ['${A}']\n",
        f"ping_url: {CANARY}\n",
        f"ping_url: ftp://x.example/{CANARY}\n",
        f"ping_url: https://x.example/{CANARY}\nping_url: x\n",
        f"pingurl: https://x.example/{CANARY}\n",
    ],
)
def test_no_problem_shows_a_secret(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text, A=CANARY)

    assert CANARY not in str(caught.value) + caught.value.told()


def test_no_secret_is_in_what_a_config_looks_like() -> None:
    text = f"{DAILY}    channels: ['slack://{CANARY}']\nping_url: https://x.example/{CANARY}\n"

    config: Config = read(text)

    assert CANARY not in repr(config)


def test_a_list_of_variables_is_shown_as_it_stands() -> None:
    (problem,) = problems_of(DAILY + '    channels: ["${A_URL}"]\n')

    assert 'channels: ["${A_URL}"]' in describe(problem)


# -- what `check` advises ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (MAIL + f"  password: {CANARY}\n", (3, 13), "whoever reads this file has the password"),
        (
            DAILY + f"    channels: ['slack://{CANARY}/y']\n",
            (4, 16),
            "whoever reads this file can write to this channel",
        ),
        (DAILY + "    to: [Zoë <zoë@example.org>]\n" + MAIL, (4, 10), "before the @ stands more than plain"),
        ("mail:\n  from: 监测@example.org\n", (2, 9), "before the @ stands more than plain"),
        (MAIL + "  reply_to: zoë@example.org\n", (3, 13), "before the @ stands more than plain"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(text: str, place: tuple[int, int], message: str) -> None:
    (found,) = lints(text)
    silenced = text.splitlines()
    silenced[found.line - 1] += "   # lint: ok"

    assert (found.line, found.column) == place
    assert found.message.startswith(message)
    assert found.severity == "warning"
    assert CANARY not in describe(found)
    assert lints("\n".join(silenced) + "\n") == []


@pytest.mark.parametrize(
    "text",
    [
        MAIL + "  password: ${PASSWORD}\n",
        MAIL + '  password: ""\n',
        DAILY + "    channels: ['${SLACK}', 'json://127.0.0.1:8000/x', 'json://localhost']\n",
        DAILY + "    to: [Zoë <zoe@bücher.example>]\n" + MAIL,
    ],
)
def test_what_is_meant_is_none(text: str) -> None:
    assert lints(text, PASSWORD="p", SLACK="slack://x/y") == []


def test_check_says_which_channels_cannot_be_used_or_that_apprise_is_missing(tmp_path: Path) -> None:
    channels = f"    channels: ['json://127.0.0.1:9/x', '${{BAD}}', 'slak://{CANARY}/x']\n"
    (tmp_path / "config.yaml").write_text(DAILY + channels, encoding="utf-8")

    ran = monitor("check", "--json", cwd=tmp_path, env={"BAD": f"nosuch://{CANARY}"})
    about = [problem for problem in ran.json["problems"] if "Apprise" in problem["message"]]

    if "Apprise is missing" in about[0]["message"]:
        assert [(problem["severity"], problem["line"]) for problem in about] == [("warning", 4)]
        assert "pip install" in about[0]["hint"]
    else:
        assert [(p["severity"], p["line"], p["column"]) for p in about] == [
            ("error", 4, 40),
            ("error", 4, 50),
        ]
        assert "did you mean slack://?" in about[1]["message"]
    assert CANARY not in ran.out + ran.err
