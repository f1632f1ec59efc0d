from __future__ import annotations

import dataclasses
import resource
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, ConfigError, check, find, load, parse, write_starter
from monitor.models import RelevanceWeights, Source, Topic
from tests.conftest import PROJECT

SOURCE = "sources: [{id: gazette, url: 'https://gazette.example/feed'}]\n"
FULL = """\
timezone: Asia/Shanghai
database: state/monitor.db
output: /srv/site
public_url: https://monitor.example.org/
polling: {every: 1h, concurrency: 8, per_host: 2, timeout: 20s, max_bytes: 2MB}
network: {allow_private: ["10.0.0.5/32", "127.0.0.1:8123"], proxy: "http://proxy.example:3128"}
sources:
  - id: gazette
    name: The Gazette, politics
    outlet: The Gazette
    url: https://gazette.example/politics.xml
    kind: uk-media
    side: uk
    every: 15m
    timeout: 5s
    max_bytes: 500KB
    headers: {Accept-Language: en-GB}
    strip: [Sign up here]
    full_text: true
    lang: en
    note: slow on Mondays
  - {id: daily, url: "https://daily.example/feed", enabled: false}
rules:
  sides: {uk: [UK, Britain], china: [China]}
  both: [Sino-British]
  ignore: [bone china]
  elsewhere: [Canada]
  exclude: [horoscope]
  relevance: {threshold: 4, topics_max: 2, fallback_topic: diplomacy}
topics:
  diplomacy: {title: Diplomacy and politics}
  hong-kong: {terms: [Hong Kong]}
digests:
  daily: {title: The daily, schedule: "30 8 * * mon-fri", topics: all, to: [Desk <desk@example.org>]}
  alerts: {schedule: immediately, topics: [hong-kong], min_score: 8, when_empty: skip}
mail: {from: Monitor <monitor@example.org>, host: smtp.example.org, security: implicit, password: p}
web: {listen: "[::1]:9000"}
retention: {unmatched: 30d, matched: 52w}
"""


def read(text: str, **environ: str) -> Config:
    return parse(text, file=Path("/etc/monitor/config.yaml"), environ=environ)


def messages(text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_is_written_arrives() -> None:
    config = read(FULL)

    assert config.sources[0] == Source(
        id="gazette",
        name="The Gazette, politics",
        url="https://gazette.example/politics.xml",
        kind="uk-media",
        outlet="The Gazette",
        every=timedelta(minutes=15),
        max_bytes=500_000,
        timeout=5.0,
        side="uk",
        headers=(("Accept-Language", "en-GB"),),
        strip=("Sign up here",),
        full_text=True,
        lang="en",
        note="slow on Mondays",
    )
    assert config.timezone_name == "Asia/Shanghai"
    assert (config.concurrency, config.per_host) == (8, 2)
    assert config.allow_private == ("10.0.0.5/32", "127.0.0.1:8123")
    assert config.proxy == "http://proxy.example:3128"
    assert config.rules.uk == ("UK", "Britain")
    assert config.rules.topics == (("diplomacy", ()), ("hong-kong", ("Hong Kong",)))
    assert config.rules.weights == RelevanceWeights(threshold=4, topics_max=2, fallback_topic="diplomacy")
    assert config.topics == (Topic("diplomacy", "Diplomacy and politics"), Topic("hong-kong", "Hong kong"))
    assert [(d.id, d.title, d.topics, d.min_score) for d in config.digests] == [
        ("daily", "The daily", (), 0),
        ("alerts", "UK-China alerts", ("hong-kong",), 8),
    ]
    assert config.digests[0].to == ("Desk <desk@example.org>",)
    assert config.mail is not None
    assert (config.mail.port, config.mail.security, config.mail.reply_to) == (465, "implicit", None)
    assert config.web_listen == "[::1]:9000"
    assert (config.retention_unmatched, config.retention_matched) == (timedelta(days=30), timedelta(weeks=52))


def test_a_source_without_its_own_settings_has_those_of_polling() -> None:
    source = read(FULL).sources[1]

    assert (source.every, source.timeout, source.max_bytes) == (timedelta(hours=1), 20.0, 2_000_000)
    assert (source.name, source.outlet, source.kind, source.enabled) == ("daily", "daily", "other", False)


def test_sources_alone_make_a_config() -> None:
    config = read(SOURCE)

    assert (config.timezone_name, config.concurrency, config.per_host) == ("Europe/London", 16, 4)
    assert (config.sources[0].every, config.sources[0].max_bytes) == (timedelta(minutes=30), 10_000_000)
    assert [(d.id, d.schedule, d.when_empty) for d in config.digests] == [
        ("daily", "30 8 * * mon-fri", "notice")
    ]
    assert (config.mail, config.proxy, config.web_listen) == (None, None, "127.0.0.1:8080")
    assert (config.retention_unmatched, config.retention_matched) == (timedelta(days=90), None)


def test_a_config_without_rules_loads_with_a_warning_that_nothing_can_match() -> None:
    warnings = read(SOURCE).warnings

    assert [warning.severity for warning in warnings] == ["warning"]
    assert "rules.sides has no terms for uk and china" in warnings[0].message


def test_relative_paths_count_from_the_folder_of_the_file() -> None:
    config = read(FULL)

    assert config.database == Path("/etc/monitor/state/monitor.db")
    assert config.output == Path("/srv/site")


def test_a_path_under_the_home_folder_is_found_by_the_environment() -> None:
    assert read("database: ~/monitor.db\n", HOME="/home/wei").database == Path("/home/wei/monitor.db")


def test_the_user_agent_names_program_version_and_page() -> None:
    assert read(FULL).user_agent.startswith("uk-china-monitor/")
    assert read(FULL).user_agent.endswith(" (+https://monitor.example.org)")
    assert read("polling: {user_agent: desk/1}\n").user_agent == "desk/1"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("implicit", 465), ("none", 25)])
def test_the_mail_port_follows_the_kind_of_encryption(security: str, port: int) -> None:
    mail = read(f"mail: {{from: a@example.org, security: {security}}}\n").mail

    assert mail is not None
    assert mail.port == port


def test_pages_are_switched_off_with_null() -> None:
    assert read("web: {listen: null}\n").web_listen is None
    assert read("web: {listen: ''}\n").web_listen is None
    assert read("web: {listen: '${NOTHING:-}'}\n").web_listen is None


@pytest.mark.parametrize(
    ("written", "seconds"), [("15s", 15), ("30m", 1_800), ("1.5h", 5_400), ("1d", 86_400), ("2w", 1_209_600)]
)
def test_durations(written: str, seconds: int) -> None:
    config = read(f"polling: {{every: {written}}}\n{SOURCE}")

    assert config.sources[0].every == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("written", "size"), [("500KB", 500_000), ("10 MB", 10_000_000), ("1MiB", 1_048_576), ("20000", 20_000)]
)
def test_sizes(written: str, size: int) -> None:
    assert read(f"polling: {{max_bytes: {written}}}\n{SOURCE}").sources[0].max_bytes == size


def test_the_rule_book_is_made_from_the_rules() -> None:
    def version(text: str) -> str:
        return read(text).rulebook.version

    assert version(FULL) == version(FULL.replace("The Gazette", "Gazette"))
    assert version(FULL) != version(FULL.replace("Sino-British", "Anglo-Chinese"))


# -- the environment ---------------------------------------------------------------------------------------


def password(text: str, **environ: str) -> str:
    mail = read(f"mail:\n  from: a@example.org\n  password: {text}\n", **environ).mail
    assert mail is not None
    return mail.password


@pytest.mark.parametrize(
    ("text", "environ", "value"),
    [
        ("'${PW}'", {"PW": "s3cret"}, "s3cret"),
        ("${PW}", {"PW": "12345"}, "12345"),
        ("${PW}", {"PW": ""}, ""),
        ("a${PW}b${PW}", {"PW": "-"}, "a-b-"),
        ('"${PW:-none}"', {}, "none"),
        ('"${PW:-none}"', {"PW": ""}, "none"),
        ('"${PW:-none}"', {"PW": "s3cret"}, "s3cret"),
        ('"${PW:-}"', {}, ""),
        ("'$${PW} costs $5'", {}, "${PW} costs $5"),
        ("${PW}", {"PW": "${OTHER} # {[*&!"}, "${OTHER} # {[*&!"),
    ],
)
def test_variables_are_filled_in(text: str, environ: dict[str, str], value: str) -> None:
    assert password(text, **environ) == value


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from the file\n", encoding="utf-8")

    assert password("'${PW}'", PW_FILE=str(tmp_path / "pw")) == "from the file"
    assert password("'${PW:-default}'", PW_FILE=str(tmp_path / "pw")) == "from the file"
    assert password("'${PW}'", PW="from the variable", PW_FILE=str(tmp_path / "pw")) == "from the variable"


def test_numbers_and_switches_may_come_from_the_environment() -> None:
    text = "mail: {from: a@example.org, port: '${PORT}'}\n" + SOURCE.replace(
        "}]", ", enabled: '${ON:-false}'}]"
    )
    config = read(text, PORT="2525")

    assert config.mail is not None
    assert config.mail.port == 2525
    assert not config.sources[0].enabled


def test_an_empty_variable_switches_an_optional_value_off() -> None:
    assert read("network: {proxy: '${PROXY:-}'}\npublic_url: ${URL:-}\n").proxy is None


@pytest.mark.parametrize(
    ("text", "environ", "problem"),
    [
        ("database: /srv/${NAME}.db\n", {}, "1:16: error: the environment has no NAME"),
        ("database: '/srv/${NAME}.db'\n", {}, "1:17: error: the environment has no NAME"),
        ("database: ${2X}\n", {}, "1:11: error: this is not a variable"),
        ("database: ${X\n", {}, "1:11: error: this is not a variable"),
        ("database: ${X}\n", {"X_FILE": "/no/such/file"}, "X_FILE names cannot be read: No such file"),
        ("database: ${X}\n", {"X": "a\x1bb"}, "X holds a control character"),
        ("database: ${X}\n", {"X": "\udcff"}, "X holds a control character"),
    ],
)
def test_a_variable_that_cannot_be_filled_in_is_the_one_problem(
    text: str, environ: dict[str, str], problem: str
) -> None:
    found = messages(text, **environ)

    assert len(found) == 1
    assert problem in found[0]


CANARY = "hunter2canary"


@pytest.mark.parametrize(
    "text",
    [
        f"mail:\n  from: a@example.org\n  password: {CANARY}\n  port: x\n",
        f"mail: {{from: b, password: {CANARY}, port: x}}\n",
        f"mail:\n  from: a@example.org\n  password: [{CANARY}]\n",
        f"mail:\n  from: a@example.org\n  password: 12345 {CANARY}\n  password: {CANARY}\n",
        f'mail:\n  from: a@example.org\n  password: "{CANARY}\n',
        f"mail:\n  from: a@example.org\n  password: {{{CANARY}: {CANARY}}}\n",
        f"sources:\n  - id: A\n    url: https://x.example/\n    headers: {{Cookie: {CANARY}ü}}\n",
        f"sources:\n  - id: a\n    url: ftp://desk:{CANARY}@x.example/\n",
        f"sources:\n  - id: a\n    url: https://desk:{CANARY}@x.example:port/\n",
        f"network: {{proxy: 'ftp://desk:{CANARY}@x.example/'}}\n",
        f"mail: {{from: a@example.org, password: '${{PW:-{CANARY}}}', port: x}}\n",
        f"mail:\n  from: a@example.org\n  pasword: {CANARY}\n",
        f"mail: {{passwrd: {CANARY}, port: x}}\n",
        f"mail:\n  password: |\n    {CANARY}\n    {CANARY}\n  password: x\n",
        f"sources:\n  - id: A\n    url: x\n    headers:\n      X-Desk: {CANARY}ü\n      X-Desk: {CANARY}\n",
        f"sources:\n  - {{id: A, url: x, headers: {{X-Desk: {CANARY}ü}}}}\n",
        f"sources:\n  - {{id: A, url: x, headers: {{X-Desk: {CANARY}\n",
        "mail: {from: '${SECRET}', port: '${SECRET}', security: '${SECRET}'}\n",
        "sources: [{id: '${SECRET}', url: '${SECRET}', every: '${SECRET}', kind: '${SECRET}'}]\n",
    ],
)
def test_no_secret_stands_in_a_problem(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text, SECRET=CANARY)

    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value.problems)


def test_the_repr_of_a_config_holds_no_secret() -> None:
    text = FULL.replace("password: p", f"password: {CANARY}").replace("en-GB", CANARY)

    assert CANARY not in repr(read(text.replace("//proxy", f"//desk:{CANARY}@proxy")))


# -- the file ----------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def load_problem(path: Path) -> str:
    config, problems = check(path, {})
    assert config is None
    assert len(problems) == 1
    return str(problems[0])


def test_a_file_is_loaded_and_its_folder_counts(file: Path) -> None:
    file.write_text(SOURCE, encoding="utf-8")

    assert load(file, {}).database == file.parent / "data" / "monitor.db"


def test_check_gives_config_and_warnings(file: Path) -> None:
    file.write_text(SOURCE, encoding="utf-8")

    config, problems = check(file, {})

    assert config is not None
    assert problems == config.warnings != ()


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + b"timezone: Europe/Paris\r\nsources:\r\n  - id: a\r\n    ulr: x\r\n")

    _, problems = check(file, {})

    assert ("unknown key", 4, 5) in [(p.message[:11], p.line, p.column) for p in problems]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "1:1: error: the file is empty"),
        (b"# nothing but a comment\n", "1:1: error: the file is empty"),
        (b"timezone: Europe/London\nnote: caf\xe9\n", "2:10: error: byte 0xe9 is not UTF-8 text"),
        ("a: b".encode("utf-16"), "1:1: error: the file is UTF-16"),
        (b"a: \x00", "1:4: error: the character U+0000 is not allowed here"),
        (b"- a\n- b\n", "1:1: error: expected keys with values at the top"),
        (b"#" * 2_000_001, "the file is larger than 2,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_config(file: Path, data: bytes, problem: str) -> None:
    file.write_bytes(data)

    assert problem in load_problem(file)


def test_a_missing_file_a_folder_and_a_strange_path(file: Path) -> None:
    assert "there is no such file" in load_problem(file)
    assert "this is a folder" in load_problem(file.parent)
    assert "not a path" in load_problem(Path("a\0b"))


def test_the_config_is_searched_in_the_option_then_the_environment_then_the_folder(tmp_path: Path) -> None:
    for name in ("config.yaml", "other.yaml", "third.yaml"):
        (tmp_path / name).touch()
    environ = {"MONITOR_CONFIG": str(tmp_path / "other.yaml")}

    assert find("third.yaml", environ, tmp_path) == tmp_path / "third.yaml"
    assert find(None, environ, tmp_path) == tmp_path / "other.yaml"
    assert find(None, {}, tmp_path) == tmp_path / "config.yaml"


@pytest.mark.parametrize(
    ("explicit", "environ", "hint"),
    [
        (None, {}, "run `monitor init`"),
        ("x.yaml", {}, "check the path after --config"),
        (None, {"MONITOR_CONFIG": "x.yaml"}, "check the path in $MONITOR_CONFIG"),
    ],
)
def test_a_config_that_is_not_there_says_what_to_do(
    tmp_path: Path, explicit: str | None, environ: dict[str, str], hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        find(explicit, environ, tmp_path)

    assert hint in caught.value.problems[0].hint


def test_a_starter_is_written_once(tmp_path: Path) -> None:
    starter = tmp_path / "starter.yaml"
    starter.write_text(SOURCE, encoding="utf-8")

    written = write_starter(starter, tmp_path / "new")

    assert load(written, {}).sources[0].id == "gazette"
    assert (tmp_path / "new" / "config.schema.json").exists()
    with pytest.raises(ConfigError, match="this is there already"):
        write_starter(starter, tmp_path / "new")


def test_a_starter_that_does_not_fit_the_disk_leaves_no_half_config(tmp_path: Path) -> None:
    starter = tmp_path / "starter.yaml"
    starter.write_text(SOURCE * 2000, encoding="utf-8")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(ConfigError, match="cannot be written: File too large"):
            write_starter(starter, tmp_path / "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert [*(tmp_path / "new").iterdir()] == []


def test_the_shipped_config_loads_without_a_warning() -> None:
    config = load(PROJECT / "config.yaml", {})

    assert config.sources
    assert config.topics
    assert config.warnings == ()


def test_values_of_a_config_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(SOURCE).concurrency = 1  # type: ignore[misc]  # that is the point
