"""Each mistake with the place where it is found and the words that say so."""

from __future__ import annotations

import pytest

from monitor.config import ConfigError, describe
from monitor.models import Problem
from tests.test_config import FULL, SOURCE, read

ANY = "sources:\n  - id: a\n    url: https://x.example/\n"
TERMS = "rules:\n  both:\n"
DAILY = "digests:\n  daily:\n    schedule: immediately\n"


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return list(caught.value.problems)


def shown(problem: Problem) -> str:
    """line:column message (hint)."""
    return f"{problem.line}:{problem.column} {problem.message} ({problem.hint})"


@pytest.mark.parametrize(
    ("text", "start", "fragment"),
    [
        # keys
        ("databse: x\n", "1:1 unknown key", 'did you mean "database"?'),
        (ANY + "    evry: 30m\n", "4:5 unknown key", 'did you mean "every"?'),
        ("rules:\n  sides: {uk: [UK], cn: [China]}\n", "2:21 unknown key", "known here: uk, china"),
        ("rules: {relevance: {treshold: 3}}\n", "1:21 unknown key", 'did you mean "threshold"?'),
        ("topics: {trade: {term: [x]}}\n", "1:18 unknown key", 'did you mean "terms"?'),
        (DAILY + "    titel: x\n", "4:5 unknown key", 'did you mean "title"?'),
        ("mail: {from: a@example.org, pasword: x}\n", "1:29 unknown key", 'did you mean "password"?'),
        ("polling:\n  sources: []\n", "2:3 unknown key", "it belongs at the top level"),
        ("polling: {every: 30m, every: 1h}\n", '1:23 "every" stands here twice', "line 1, column 11"),
        ("timezone: UTC\ntimezone: UTC\n", '2:1 "timezone" stands here twice', "line 1, column 1"),
        ("sources:\n  - url: https://x.example/\n", '2:5 "id" is missing', ""),
        ("sources:\n  - id: a\n", '2:5 "url" is missing', ""),
        ("digests:\n  daily: {title: x}\n", '2:10 "schedule" is missing', ""),
        ("topics: {Hong Kong: {terms: [x]}}\n", '1:10 "Hong Kong" cannot be a name', "small letters"),
        ("topics: {no: {terms: [x]}}\n", "1:10 no without quotes", "reads it as false" and 'write "no"'),
        # types
        ("rules:\n  both: JETCO\n", "2:9 expected a list of words, found a single text", "write '- word'"),
        ("sources: {a: b}\n", "1:10 expected a list, found keys with values", 'begin each entry with "- "'),
        ("sources:\n", '1:1 "sources" is empty', "write []"),
        ("polling:\n", '1:1 "polling" is empty', "give it a value, or delete the line"),
        ("polling: 30m\n", '1:10 expected keys with values, found "30m"', ""),
        ("polling: [a]\n", "1:10 expected keys with values, found a list", ""),
        ("topics: [trade]\n", "1:9 expected keys with values, found a list", ""),
        (ANY + "    enabled: 1\n", "4:14 expected true or false, found the number 1", ""),
        (ANY + "    enabled: no\n", "4:14 expected true or false, found no", "write false"),
        (ANY + "    enabled: Off\n", "4:14 expected true or false, found Off", "write false"),
        (ANY + "    full_text: yes\n", "4:16 expected true or false, found yes", "write true"),
        (ANY + "    name: 2026\n", "4:11 expected text, found the number 2026", 'write "2026"'),
        (ANY + "    name: [x]\n", "4:11 expected a single text, found a list", ""),
        (ANY + "    name: ''\n", "4:11 the text is empty", ""),
        (ANY + "    lang: no\n", "4:11 no without quotes: older YAML tools read it as false", 'write "no"'),
        ("polling: {concurrency: many}\n", '1:24 expected a whole number, found "many"', ""),
        ("polling: {concurrency: 1.5}\n", "1:24 expected a whole number, found the number 1.5", ""),
        ("polling: {concurrency: true}\n", "1:24 expected a whole number, found true", ""),
        ("polling: {concurrency: 0}\n", "1:24 must be at least 1, found the number 0", ""),
        ("polling: {concurrency: 65}\n", "1:24 must be at most 64", ""),
        ("rules: {relevance: {title: -1}}\n", "1:28 must be at least 0", ""),
        ("rules: {relevance: {title: .inf}}\n", "1:28 expected a number that is not infinite", ""),
        ("rules: {relevance: {title: .nan}}\n", "1:28 expected a number that is not infinite", ""),
        ("rules: {relevance: {title: 1e999}}\n", "1:28 expected a number that is not infinite", ""),
        ("rules: {relevance: {title: high}}\n", '1:28 expected a number, found "high"', ""),
        # durations and sizes
        ("polling: {every: 30}\n", "1:18 expected a duration, found the number 30", "30s, 30m"),
        ("polling: {every: soon}\n", '1:18 expected a duration, found "soon"', ""),
        ("polling: {every: 0s}\n", "1:18 must be from 1s to 366d", ""),
        ("polling: {timeout: 301s}\n", "1:20 must be from 1s to 300s", ""),
        ("polling: {max_bytes: 51MB}\n", "1:22 must be from 1KB to 50MB", ""),
        ("polling: {max_bytes: 10M}\n", '1:22 expected a size, found "10M"', "500KB, 10MB"),
        ("retention: {matched: always}\n", "1:22 expected a duration or forever", ""),
        # sources
        (ANY.replace("id: a", "id: BBC News"), '2:9 "BBC News" cannot be an id', '"bbc-news"'),
        (
            ANY.replace("https://x.example/", "file:///etc/passwd"),
            "3:10 only http and https are read, not file",
            "",
        ),
        (ANY.replace("https:", "ftp:"), "3:10 only http and https are read, not ftp", ""),
        (ANY.replace("https://", "www."), '3:10 "www.x.example/" is not a web address', "https://"),
        (ANY.replace("x.example", "x.example:0"), "3:10", "is not a web address"),
        (ANY.replace("x.example", "[::1"), "3:10", "is not a web address"),
        (ANY.replace("x.example/", "x.example/a b"), "3:10 a web address has no blanks", "%20"),
        (ANY + "    kind: oficial-uk\n", '4:11 "oficial-uk" is not known', 'did you mean "official-uk"?'),
        (ANY + "    side: us\n", '4:11 "us" is not known here', "uk"),
        (ANY + "    headers: {X Y: z}\n", "4:14 the name of a header", ""),
        (ANY + "    headers: {DNT: 1}\n", "4:20 expected text, found a number", "put quotes round it"),
        (ANY + '    headers: {A: "b\\r\\nC: d"}\n', "4:14 the header A has characters", ""),
        (
            ANY + ANY.removeprefix("sources:\n").replace("x.", "y."),
            '4:9 two sources have the id "a"',
            "line 2",
        ),
        # terms
        (TERMS + "    - NO\n", "3:7 NO without quotes: older YAML tools read it as false", 'write "NO"'),
        (TERMS + "    - On\n", "3:7 On without quotes: older YAML tools read it as true", 'write "On"'),
        (TERMS + "    - y\n", "3:7 y without quotes: older YAML tools read it as true", 'write "y"'),
        (TERMS + "    - true\n", "3:7 expected text, found true", 'write "true"'),
        (TERMS + "    - 2026\n", "3:7 expected text, found the number 2026", 'write "2026"'),
        (TERMS + "    - 5.0\n", "3:7 expected text, found the number 5.0", 'write "5.0"'),
        (TERMS + "    - 12:30\n", "3:7 12:30 without quotes: older YAML tools read it as a number", "12:30"),
        (
            TERMS + "    - 2026-01-01\n",
            "3:7 2026-01-01 without quotes: older YAML tools read it as a date",
            "",
        ),
        (TERMS + "    - null\n", "3:7 null without quotes stands for nothing", 'write "null"'),
        (TERMS + "    -\n", "3:6 an empty entry in the list", "delete it"),
        (
            TERMS + "    - UK: China\n",
            "3:7 expected text, found UK: China",
            'put quotes round it: "UK: China"',
        ),
        (
            TERMS + "    - title: Xi\n",
            "3:7 expected text, found title: Xi",
            'put quotes round it: "title: Xi"',
        ),
        (TERMS + "    - [UK, China]\n", "3:7 expected a single text, found a list", ""),
        (TERMS + "    - steel NEAR/5\n", "3:", "NEAR/5"),
        # topics and digests
        (
            DAILY + "    topics: [trad]\ntopics: {trade: {}}\n",
            '4:14 there is no topic "trad"',
            'mean "trade"?',
        ),
        (DAILY + "    topics: [x]\n", '4:14 there is no topic "x"', "this file has no topics"),
        (DAILY + "    topics: everything\n", "4:13 expected all or a list of topics", "write all or"),
        (DAILY + "    topics: []\n", "4:13 expected all or a list of topics, found an empty list", ""),
        ("rules: {relevance: {fallback_topic: x}}\n", '1:37 there is no topic "x"', ""),
        ("digests: {daily: {schedule: at noon}}\n", "1:29 a schedule has five fields, this has 2", ""),
        ("digests: {daily: {schedule: '0 25 * * *'}}\n", '1:29 "25" is no hour', "write 0 to 23"),
        (DAILY + "    when_empty: never\n", '4:17 "never" is not known here', "notice, skip"),
        (
            DAILY + "    to: [analyst]\nmail: {from: a@example.org}\n",
            '4:10 "analyst" is not a mail address',
            "",
        ),
        (DAILY + "    to: a@example.org\n", "4:9 expected a list of words, found a single text", ""),
        (DAILY + "    min_score: -1\n", "4:16 must be at least 0", ""),
        # the rest
        ("timezone: London\n", '1:11 there is no time zone "London"', 'did you mean "Europe/London"?'),
        ("timezone: Europe/Lundon\n", "1:11 there is no time zone", 'did you mean "Europe/London"?'),
        ("timezone: Europe\n", "1:11 there is no time zone", ""),
        ("timezone: ../../etc/passwd\n", "1:11 there is no time zone", "Europe/London"),
        ("timezone: 5\n", "1:11 expected a time zone, found the number 5", "Europe/London"),
        ("network: {allow_private: [10.0.0.5/8]}\n", "1:27", 'write "10.0.0.0/8" for all of it'),
        ("network: {allow_private: ['x y']}\n", '1:27 "x y" is neither a host nor a network', ""),
        ("network: {allow_private: ['1.2.3.4:99999']}\n", "1:27", "neither a host nor a network"),
        ("network: {allow_private: [1.2.3.400]}\n", "1:27", "neither a host nor a network"),
        ("web: {listen: 8080}\n", "1:15 expected host:port, found the number 8080", "127.0.0.1:8080"),
        ("web: {listen: localhost}\n", "1:15 expected host:port", ""),
        ("mail: {from: nobody}\n", '1:14 "nobody" is not a mail address', ""),
        ('mail: {from: "a@example.org\\nBcc: b@example.org"}\n', "1:14", "is not a mail address"),
        ("mail: {from: a@example.org, host: 'smtp://x'}\n", "1:35", "is not a host name"),
        (
            "mail: {from: a@example.org, host: x.example, security: none}\n",
            "1:56 mail to another machine",
            "starttls",
        ),
        ("mail: {host: localhost}\n", '1:7 "from" is missing here', ""),
        ("polling: {user_agent: 监测}\n", "1:23 a user agent is plain ASCII", ""),
    ],
)
def test_one_mistake_is_one_problem_at_its_place(text: str, start: str, fragment: str) -> None:
    found = [shown(problem) for problem in problems_of(text)]

    assert len(found) == 1, found
    assert found[0].startswith(start)
    assert fragment in found[0]


@pytest.mark.parametrize(
    "entry", ["10.0.0.5/32", "10.0.0.0/8", "10.0.0.5", "::1", "fd00::/8", "intranet", "a.b:80", "[::1]:80"]
)
def test_private_addresses_may_be_networks_and_hosts(entry: str) -> None:
    assert read(f"network: {{allow_private: ['{entry}']}}\n").allow_private == (entry,)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "'::1'"])
def test_mail_to_this_machine_may_go_unencrypted(host: str) -> None:
    assert read(f"mail: {{from: a@example.org, host: {host}, security: none}}\n").mail


@pytest.mark.parametrize(
    ("term", "column"),
    [
        ("steel AND", 7 + 9),
        ("'steel AND'", 8 + 9),
        ('"steel AND"', 8 + 9),
        ("'Xi''s AND'", 8 + 9),
        (r'"\u0058i AND"', 8 + 11),
        (r'"\"Xi\" AND"', 8 + 10),
        ("&xi steel AND", 7 + 4 + 9),
    ],
)
def test_the_place_of_a_bad_term_is_within_the_term(term: str, column: int) -> None:
    (problem,) = problems_of(f"{TERMS}    - {term}\n")

    assert problem.line == 3
    assert problem.column == column


def test_bad_terms_are_found_in_every_list() -> None:
    text = """\
rules:
  sides: {uk: [AND], china: [AND]}
  both: [AND]
  ignore: [AND]
  elsewhere: [AND]
  exclude: [AND]
topics: {trade: {terms: [AND]}}
"""
    assert [(p.line, p.column) for p in problems_of(text)] == [
        (2, 16),
        (2, 30),
        (3, 10),
        (4, 12),
        (5, 15),
        (6, 13),
        (7, 26),
    ]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
databse: x
sources:
  - id: a
    url: file:///etc/passwd
    enabled: no
  - id: a
    url: https://x.example/
rules:
  both: [NO, "x AND"]
timezone: London
"""
    found = problems_of(text)

    assert [(p.line, p.column) for p in found] == [
        (1, 1),
        (4, 10),
        (5, 14),
        (6, 9),
        (9, 10),
        (9, 20),
        (10, 11),
    ]
    assert {p.severity for p in found} == {"error"}


def test_very_many_problems_are_counted_rather_than_listed() -> None:
    found = problems_of(TERMS + "    - NO\n" * 2_000)

    assert len(found) == 501
    assert found[-1].message == "and 1,500 more from here on"


@pytest.mark.parametrize(
    ("text", "place", "fragment"),
    [
        (SOURCE, (1, 1), "rules.sides has no terms for uk and china"),
        (
            FULL.replace("china: [China]", "china: []").replace("[Sino-British]", "[]"),
            (24, 30),
            "no terms for china",
        ),
        ("rules: {both: [x]}\n", (1, 1), "there are no sources"),
        (FULL.replace("terms: [Hong Kong]", "terms: []"), (32, 3), 'the topic "hong-kong" has no terms'),
        (FULL.replace("[UK, Britain]", "[UK, UK]"), (24, 20), "the same term as at line 24"),
        (
            FULL.replace("daily.example/feed", "gazette.example/politics.xml"),
            (22, 22),
            "the same address as at line 11",
        ),
        (FULL.replace("30 8 * * mon-fri", "30 8 1 * mon"), (34, 39), "only on days that are both"),
    ],
)
def test_what_hardly_can_be_meant_is_a_warning(text: str, place: tuple[int, int], fragment: str) -> None:
    (warning,) = read(text).warnings

    assert warning.severity == "warning"
    assert (warning.line, warning.column) == place
    assert fragment in warning.message


@pytest.mark.parametrize(
    "form", ["govuk: {world_locations: [china]}", "parliament: {list: written-questions, search: China}"]
)
def test_full_text_where_there_are_no_teasers_is_a_warning(form: str) -> None:
    text = FULL.replace("sources:\n", f"sources:\n  - {{id: lists, {form}, full_text: true}}\n", 1)

    (warning,) = read(text).warnings

    assert "full_text is for feeds of teasers" in warning.message


def test_a_config_without_fault_has_no_warning() -> None:
    assert read(FULL).warnings == ()


# -- how a problem looks -----------------------------------------------------------------------------------


def test_a_problem_is_shown_with_its_line_and_carets() -> None:
    (problem,) = problems_of("# a\n" * 8 + TERMS + "    - NO\n")

    assert describe(problem) == (
        "error: NO without quotes: older YAML tools read it as false\n"
        "  --> /etc/monitor/config.yaml:11:7\n"
        "   |\n"
        "11 |     - NO\n"
        "   |       ^^\n"
        '   = help: write "NO"'
    )


def test_carets_stand_below_the_words_also_after_chinese() -> None:
    (problem,) = problems_of("rules: {both: [中英, NO]}\n")

    *_, line, carets, _ = describe(problem).splitlines()

    assert line == "1 | rules: {both: [中英, NO]}"
    assert carets == "  |                      ^^"  # two columns for each character


def test_a_long_line_is_shown_in_part() -> None:
    (problem,) = problems_of("rules: {both: [" + ", ".join(f"word{n}" for n in range(200)) + ", NO]}\n")

    *_, line, carets, _ = describe(problem).splitlines()

    assert len(line) < 120
    assert line[carets.index("^") :].startswith("NO]")


def test_colour_is_only_added_where_asked_for() -> None:
    (problem,) = problems_of("databse: x\n")

    assert "\x1b" not in describe(problem)
    assert "\x1b[31m" in describe(problem, colour=True)


def test_a_problem_without_a_place_names_the_file() -> None:
    assert describe(Problem("there is no such file", "x.yaml", hint="make it")) == (
        "error: there is no such file\n --> x.yaml\n  = help: make it"
    )


def test_a_control_character_never_reaches_the_terminal() -> None:
    (problem,) = problems_of("timezone: \x1b[2JUTC\n")

    assert "\x1b" not in describe(problem)
