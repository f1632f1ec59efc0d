"""Names of digests and topics become folders of the site: those that cannot are told before anything runs."""

from __future__ import annotations

import pytest

from tests.test_config import read
from tests.test_config_problems import problems_of, shown


@pytest.mark.parametrize("name", ["feeds", "story", "topic", "year", "latest", "preview"])
def test_a_digest_has_no_name_that_the_archive_needs(name: str) -> None:
    (problem,) = problems_of(f"digests:\n  {name}: {{schedule: immediately}}\n")

    assert shown(problem).startswith(f'2:3 no digest may be called "{name}": the archive has a folder')


def test_a_name_that_is_too_long_for_a_folder_is_told() -> None:
    long = "a" * 101
    text = f"topics:\n  {long}: {{terms: [x]}}\ndigests:\n  {long}: {{schedule: immediately}}\n"

    assert [shown(problem).partition(";")[0] for problem in problems_of(text)] == [
        "2:3 a name has at most 100 characters",
        "4:3 a name has at most 100 characters",
    ]
    assert read(text.replace(long, long[:-1])).topics[0].id == long[:-1]


def test_search_engines_are_kept_out_unless_the_config_lets_them_in() -> None:
    assert read("web: {listen: null}\n").web_index is False
    assert read("web: {index: true}\n").web_index is True
