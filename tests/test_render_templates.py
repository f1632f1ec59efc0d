"""Templates of the user's: they stand in for the built-in ones, and a broken one is told with its place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import resources
from monitor.config import Config, load
from monitor.jobs.publish import rendered
from monitor.models import Message, Problem, Section, Trouble
from monitor.render import TemplateProblem, check_templates, environment, render_digest

from . import editions


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A template of the user's; a name without a folder is one of digest/."""
    path = folder / (name if "/" in name else f"digest/{name}")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@cache
def shipped() -> Config:
    return load(resources.starter_config(), {})


def render(folder: Path) -> Message:
    env = environment([folder, resources.templates()])
    return render_digest(editions.daily(), env, timezone=ZoneInfo("Europe/London"))


def check(folder: Path) -> tuple[Problem, ...]:
    return check_templates(environment([folder, resources.templates()]))


def test_the_built_in_templates_have_no_problem(tmp_path: Path) -> None:
    assert check(tmp_path) == ()


def test_a_template_of_the_users_stands_in_for_the_built_in_one(tmp_path: Path) -> None:
    write(tmp_path, "subject.txt", "{{ title }}\n of {{ day.text }}")
    write(tmp_path, "page.css", "body { color: teal }")

    message = render(tmp_path)

    assert message.subject == "UK-China daily of Thursday 29 January 2026"
    assert "<style>\nbody { color: teal }" in message.html
    assert check(tmp_path) == ()


def test_html_of_the_users_is_escaped_too(tmp_path: Path) -> None:
    write(tmp_path, "page.html", "<p>{{ blocks[0].stories[0].lead.outlet }} {{ '<b>' }}</p>")

    assert "<p>GOV.UK &lt;b&gt;</p>" in render(tmp_path).html


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        ("body.txt", "fine\n{% if title %}\n", 2, "if"),
        ("body.txt", "\n\n{{ titel }}", 3, "'titel' is undefined"),
        ("body.txt", "{{ day.txt }}", 1, "no attribute 'txt'"),
        ("page.html", "\n{{ title|shout }}", 2, "No filter named 'shout'"),
        ("page.html", "\n{{ title + 1 }}", 2, "str"),
        ("page.html", "\n\n{{ 1 / 0 }}", 3, "division by zero"),
        ("page.html", "{% include 'digest/mine.html' %}", 1, "there is no template digest/mine.html"),
        ("page.html", "\n{{ title.__class__.__mro__ }}", 2, "unsafe"),
        ("subject.txt", "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", 1, "recursion"),
        ("parts.txt", "{% macro heading(title) %}\n{{ title.nothing }}\n{% endmacro %}", 2, "nothing"),
        ("mail/mail.html", "{{ title }}\n{{ bloks }}", 2, "'bloks' is undefined"),
        ("mail/mail.txt", "\n\n{{ footer.nothing }}", 3, "no attribute 'nothing'"),
        ("mail/mail.txt", "{% for block in blocks %}{{ block.more.x }}{% endfor %}", 1, "no attribute 'x'"),
        ("mail/styles.html", "{% set font = %}", 1, "Expected an expression"),
    ],
)
def test_a_broken_template_is_told_with_file_line_and_reason(
    tmp_path: Path, name: str, content: str, line: int, message: str
) -> None:
    if name == "parts.txt":
        using = "{% from 'digest/parts.txt' import heading %}\n\n\n{{ heading(title) }}"
        write(tmp_path, "body.txt", using)
        write(tmp_path, "mail/mail.txt", using)
    path = write(tmp_path, name, content)

    problems = check(tmp_path)
    with pytest.raises(TemplateProblem, match=f"{path}:{line}: ") as raised:
        render(tmp_path)

    assert [(problem.file, problem.line) for problem in problems] == [(str(path), line)] * len(problems)
    assert any(message in problem.message for problem in problems)
    assert problems[0].excerpt == content.splitlines()[line - 1]
    assert message in str(raised.value)


def test_a_wrong_name_is_found_where_no_edition_passes(tmp_path: Path) -> None:
    path = write(tmp_path, "body.txt", "{% if title == 'never' %}\n{{ stori }}{{ title|loud }}\n{% endif %}")

    assert [(problem.file, problem.line, problem.message) for problem in check(tmp_path)] == [
        (str(path), 2, "No filter named 'loud'."),
        (str(path), 2, "'stori' is undefined"),
    ]


def test_every_broken_template_is_told_at_once(tmp_path: Path) -> None:
    broken = [write(tmp_path, "page.html", "{{ nothing }}"), write(tmp_path, "subject.txt", "{% endif %}")]

    assert {problem.file for problem in check(tmp_path)} == {str(path) for path in broken}


def test_a_template_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    write(tmp_path, "body.txt", "£5".encode("latin-1"))

    with pytest.raises(TemplateProblem, match=r"digest/body\.txt: is not UTF-8 text"):
        render(tmp_path)
    assert {str(problem).partition(" (")[0] for problem in check(tmp_path)} == {
        "digest/body.txt: error: is not UTF-8 text"
    }


def test_a_mail_at_fault_is_told_beside_a_page_at_fault(tmp_path: Path) -> None:
    broken = [write(tmp_path, "page.html", "{{ 1 / 0 }}"), write(tmp_path, "mail/mail.html", "{{ 1 / 0 }}")]

    assert {problem.file for problem in check(tmp_path)} == {str(path) for path in broken}


def test_a_mail_template_of_the_users_stands_in_for_the_built_in_one(tmp_path: Path) -> None:
    ours = render(tmp_path)
    styles = (resources.templates() / "mail/styles.html").read_text(encoding="utf-8")
    write(tmp_path, "mail/styles.html", styles.replace("#1d70b8", "#00703c"))
    write(tmp_path, "mail/mail.txt", "{{ title }}: {{ shown }} of {{ shown + left_out }}, {{ place }}\n")

    message = render(tmp_path)

    assert check(tmp_path) == ()
    assert message.mail_html == ours.mail_html.replace("#1d70b8", "#00703c")
    assert message.mail_text.startswith("UK-China daily: 18 of 18, on this edition's page")
    assert message.text == ours.text


def test_a_mail_template_that_is_too_large_by_itself_is_told(tmp_path: Path) -> None:
    write(tmp_path, "mail/mail.html", "<p>" + "x" * 90_000)

    with pytest.raises(
        TemplateProblem, match=r"mail\.html: makes a mail of 93,\d+ bytes .* 80,000 are the most"
    ):
        render(tmp_path)
    assert {problem.file for problem in check(tmp_path)} == {"mail/mail.html"}


@pytest.mark.parametrize(
    "content", ["{{ nothing }}", "{% for i in range(10 ** 9) %}{% endfor %}", "é".encode("latin-1")]
)
def test_a_broken_mail_template_costs_its_looks_and_is_logged_and_the_edition_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | bytes
) -> None:
    config = shipped()
    path = write(tmp_path, "mail/mail.html", content)

    message = rendered(config, editions.daily(), environment([tmp_path, resources.templates()]))

    digest = editions.daily()
    (told,) = json.loads(message.json)["coverage"]["troubles"]
    told_of = replace(digest, coverage=replace(digest.coverage, troubles=(Trouble(**told),)))
    assert message == rendered(config, told_of, environment([resources.templates()]))
    assert told["where"].partition(":")[0].endswith("mail/mail.html")
    assert "The built-in template was used." in told["text"]
    assert "You asked for one email every weekday about: all topics." in message.mail_text
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "built_in_templates_used" in record.message
    assert str(path.relative_to(tmp_path)) in record.message


WITHOUT_END = {
    "a range without end": "{% for i in range(10 ** 9) %}x{% endfor %}",
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "loops that pass over all": "{% for i in title * 99 %}{% for j in range(9999) if false %}"
    "{% endfor %}{% endfor %}",
    "letters of a text": "{% for a in title %}{% for b in title %}{% for c in title %}{% for d in title %}"
    "{% for e in title %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "a loop that calls itself": "{% for x in ['a'] * 50 recursive %}{% if loop.depth < 9 %}"
    "{{ loop(['a'] * 50) }}{% endif %}{% endfor %}",
    "a macro that calls itself twice": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
    "{% endmacro %}{{ m(99) }}",
    "much text in a loop": "{% for a in title * 500 %}{% for b in 'abcdefgh' %}"
    + "x" * 999
    + "{% endfor %}{% endfor %}",
    "a text that is doubled": "{% set n = namespace(x='aaaa') %}{% for i in range(60) %}"
    "{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    "a text that is added to itself": "{% set n = namespace(x='aaaa') %}{% for i in range(60) %}"
    "{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}",
    "a block that prints itself twice": "{% set n = namespace(x='aaaa') %}{% for i in range(60) %}"
    "{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}{% endfor %}",
    "a list that holds itself twice": "{% set n = namespace(x=['a']) %}{% for i in range(60) %}"
    "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "a text many times": "{{ 'x' * 10 ** 9 }}",
    "a list many times": "{{ [1] * 10 ** 9 }}",
    "a number of many digits": "{{ 10 ** 10 ** 10 }}",
    "a filter's width": "{{ title|center(10 ** 9) }}",
    "a filter's indent": "{{ ('a\\n' * 9999)|indent(99999) }}",
    "our own filter's indent": "{{ title|wrap(10 ** 9) }}",
    "a method's width": "{{ title.ljust(10 ** 9) }}",
    "what replaces a letter": "{{ ('a' * 9999).replace('a', 'b' * 9999) }}",
    "what joins a list": "{{ (range(9999)|list)|join('b' * 9999) }}",
    "what fills a batch": "{{ range(9)|batch(10 ** 9, 'x')|list }}",
    "long texts compared": "{% set x = 'a' * 999999 %}{% for i in range(9999) %}{{ x == x[1:] }}{% endfor %}",
    "long texts looked through": "{% set x = 'a' * 999999 %}{% for i in range(9999) %}{{ 'b' in x }}"
    "{% endfor %}",
}


@pytest.mark.parametrize("what", WITHOUT_END)
def test_a_template_without_end_is_stopped_and_told(tmp_path: Path, what: str) -> None:
    path = write(tmp_path, "mail/mail.txt", "\n" + WITHOUT_END[what])

    with pytest.raises(TemplateProblem, match=f"{path}:2: does too much"):
        render(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{{ '%999999999d' % 1 }}", "join texts with ~"),
        ("{{ '{:999999999}'.format(1) }}", "'format' of 'str' object is unsafe"),
        ("{{ '{0.__class__}'.format_map({}) }}", "'format_map' of 'str' object is unsafe"),
        ("{{ title|attr('format')('x') }}", "'format' of 'str' object is unsafe"),
        ("{{ '%999999999d'|format(1) }}", "No filter named 'format'"),
        ("{{ title|random }}", "No filter named 'random'"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{% include 'mail/mail.txt' %}", "recursion"),
    ],
)
def test_what_could_not_be_stopped_or_would_differ_each_time_is_not_there(
    tmp_path: Path, content: str, message: str
) -> None:
    write(tmp_path, "mail/mail.txt", content)

    assert any(message in problem.message for problem in check(tmp_path))
    with pytest.raises(TemplateProblem, match=re.escape(message)):
        render(tmp_path)


def test_an_honest_template_has_all_the_room_it_needs(tmp_path: Path) -> None:
    write(
        tmp_path,
        "mail/mail.txt",
        "{% for i in range(3000) %}{% set y %}{{ loop.index }}: {{ title|upper|center(40) }}{% endset %}"
        "{{ y ~ '\n' }}{% endfor %}{{ blocks|map(attribute='title')|join(', ')|wordwrap(60) }}",
    )

    assert len(render(tmp_path).mail_text.splitlines()) > 3000


def test_a_template_that_extends_another_and_fills_its_blocks_is_fine(tmp_path: Path) -> None:
    write(tmp_path, "mail/frame.txt", "[{% block inner %}{% endblock %}]")
    write(
        tmp_path, "mail/mail.txt", "{% extends 'mail/frame.txt' %}{% block inner %}{{ title }}{% endblock %}"
    )

    assert render(tmp_path).mail_text == "[UK-China daily]\n"
    assert check(tmp_path) == ()


def test_room_grows_with_the_edition(tmp_path: Path) -> None:
    """A fortnight that was not read is caught up in one edition, and its page shows all of it."""
    write(tmp_path, "subject.txt", "mine")
    model = editions.PORTS
    stories = tuple(
        replace(model, id=f"s{n}", items=(replace(model.lead, id=1000 + n),) * 3) for n in range(700)
    )
    digest = replace(editions.daily(), brief=(), sections=(Section(editions.TRADE, stories),))
    env = environment([tmp_path, resources.templates()])

    message = render_digest(digest, env, timezone=ZoneInfo("Europe/London"))

    assert message.subject == "mine"
    assert message.html.count("<article") > 700


def test_a_template_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateProblem, match=r"there is no template digest/subject\.txt"):
        render_digest(editions.daily(), environment([tmp_path]), timezone=ZoneInfo("Europe/London"))
