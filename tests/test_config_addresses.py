"""Mail addresses in the config: what no mail server could take is told at once."""

from __future__ import annotations

import pytest

from monitor.config import ConfigError

from .test_config import read
from .test_config_problems import problems_of, shown

DAILY = 'digests:\n  daily:\n    schedule: "30 8 * * *"\n'
MAIL = "mail: {from: a@example.org}\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mail: {from: Desk <a@-example.org>}\n", '1:14 "Desk <a@-example.org>"'),
        ("mail: {from: a@example..org}\n", '1:14 "a@example..org"'),
        ("mail: {from: a@example.org, reply_to: a@exa_mple.ex/x}\n", '1:39 "a@exa_mple.ex/x"'),
        (f"{MAIL}{DAILY}    to: [b@example.org, {'c' * 65}@example.org]\n", "5:25"),
        (f"{MAIL}{DAILY}    to: [{'c' * 60}@{'d.' * 97}org]\n", "5:10"),
    ],
)
def test_an_address_that_no_server_takes_is_an_error_at_its_place(text: str, place: str) -> None:
    (problem,) = problems_of(text)

    assert shown(problem).startswith(place)
    assert problem.severity == "error"
    assert "is a mail address that no server takes" in problem.message
    assert "check the domain after the @" in problem.hint


def test_what_a_variable_holds_is_not_shown_for_being_no_address() -> None:
    with pytest.raises(ConfigError) as caught:
        read("mail: {from: '${SENDER}'}\n", SENDER="a@canary..example")

    assert "no server takes" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("address", ["a@bücher.example", "Desk <jörg@example.org>", "a@[192.0.2.1]"])
def test_a_domain_or_name_in_any_script_is_taken_as_it_is_written(address: str) -> None:
    config = read(f"mail: {{from: '{address}'}}\n")

    assert config.mail
    assert config.mail.sender == address
