"""docs/mail.md says what the code does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args, get_type_hints

from monitor import config, mailing
from monitor.deliver.smtp import Timeouts
from monitor.models import MailSpec
from monitor.models.deliveries import DeliveryStatus

from .conftest import PROJECT

PAGE = (PROJECT / "docs" / "mail.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `([a-z]+)`", text, re.MULTILINE)


def test_its_configs_load_without_a_word(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    environ = {"MONITOR_SMTP_PASSWORD": "secret", "SLACK_URL": "slack://secret"}
    topics = "topics: {security: {terms: [spy]}}\n"

    configs = [
        config.parse(topics + example, file=tmp_path / "config.yaml", environ=environ) for example in examples
    ]
    loaded = [one.mail for one in configs]

    (alerts,) = configs[-1].digests
    assert (alerts.schedule, alerts.at_most_every) == ("immediately", timedelta(minutes=30))
    assert [(spec.host, spec.security) for spec in loaded if spec] == [
        ("relay.example.org", "starttls"),
        ("localhost", "none"),
        ("smtp.gmail.com", "starttls"),
        ("smtp.office365.com", "starttls"),
    ]
    assert [spec.password for spec in loaded if spec] == ["secret", "", "secret", ""]


def test_it_explains_each_word_of_the_ledger_and_each_kind_of_encryption() -> None:
    assert first_column(section("The ledger")) == [*get_args(DeliveryStatus)]
    kinds = get_args(get_type_hints(MailSpec)["security"])
    assert {*first_column(section("Settings"))} == {"security", *kinds}


def test_it_tells_the_pauses_between_tries() -> None:
    minutes = [int(pause.total_seconds() // 60) for pause in mailing.PAUSES]

    assert minutes == [1, 5, 15, 60, 120, 240]
    assert "after 1, 5 and\n15 minutes, 1, 2 and 4 hours, and then every 4 hours for three days" in PAGE
    assert mailing.GIVE_UP.days == 3
    assert mailing.SECOND_TRY.total_seconds() == 30 * 60
    assert "one more try after half an hour" in PAGE
    assert Timeouts().auth_command == 30
