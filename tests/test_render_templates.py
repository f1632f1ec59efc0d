"""Templates of the user's: they stand in for the built-in ones, and a broken one is told with its place."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import resources
from monitor.models import Message, Problem
from monitor.render import TemplateProblem, check_templates, environment, render_digest

from . import editions


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "digest" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


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
    ],
)
def test_a_broken_template_is_told_with_file_line_and_reason(
    tmp_path: Path, name: str, content: str, line: int, message: str
) -> None:
    if name == "parts.txt":
        write(tmp_path, "body.txt", "{% from 'digest/parts.txt' import heading %}\n\n\n{{ heading(title) }}")
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


def test_a_template_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateProblem, match=r"there is no template digest/subject\.txt"):
        render_digest(editions.daily(), environment([tmp_path]), timezone=ZoneInfo("Europe/London"))
