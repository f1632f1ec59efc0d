from __future__ import annotations

import pytest

from monitor.config.cron import CronError, normal


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("30 8 * * mon-fri", "30 8 * * mon-fri"),
        ("  30  8 * *  MON-FRI ", "30 8 * * mon-fri"),
        ("*/15 7-19 1,15 * *", "*/15 7-19 1,15 * *"),
        ("5/20 0-23/2 * * *", "5/20 0-23/2 * * *"),
        ("0 8 * jan,Jul-sep *", "0 8 * 1,7,8,9 *"),
        # numbers of weekdays mean what they mean to cron: 0 and 7 are Sunday
        ("0 8 * * 1-5", "0 8 * * mon,tue,wed,thu,fri"),
        ("0 8 * * 0", "0 8 * * sun"),
        ("0 8 * * 7", "0 8 * * sun"),
        ("0 8 * * 5-7", "0 8 * * sun,fri,sat"),
        ("0 8 * * */2", "0 8 * * sun,tue,thu,sat"),
        ("0 8 * * mon-fri/2", "0 8 * * mon,wed,fri"),
        # over the end of the week
        ("0 8 * * fri-mon", "0 8 * * sun,mon,fri,sat"),
        ("0 8 * * sun-tue", "0 8 * * sun,mon,tue"),
        ("0 8 * * sat-sun", "0 8 * * sat-sun"),
        ("0 8 29 2 *", "0 8 29 2 *"),
    ],
)
def test_a_schedule_is_brought_into_one_spelling(written: str, read: str) -> None:
    assert normal(written) == read


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "five fields, this has 0"),
        ("30 8 * *", "five fields, this has 4"),
        ("0 30 8 * * mon", "five fields, this has 6"),
        ("60 8 * * *", '"60" is no minute'),
        ("0 24 * * *", '"24" is no hour'),
        ("0 8 0 * *", '"0" is no day of the month'),
        ("0 8 * 13 *", '"13" is no month'),
        ("0 8 * * 8", '"8" is no weekday'),
        ("0 8 * * funday", '"funday" is no weekday'),
        ("0 8 * mon *", '"mon" is no month'),
        ("0 8 * * mon,", '"" cannot be read as weekday'),
        ("-5 8 * * *", '"-5" cannot be read as minute'),
        ("0 8 ? * mon", '"?" cannot be read'),
        ("0 8 L * *", '"L" is no day'),
        ("0 8 * * mon#1", '"mon#1" cannot be read'),
        ("0 17-9 * * *", '"17-9" runs backwards'),
        ("*/0 8 * * *", "a step that does not fit"),
        ("*/90 8 * * *", "a step that does not fit"),
        ("10-15/6 8 * * *", "a step that does not fit"),
        ("0 8 30 2 *", "this day never comes"),
        ("0 8 31 4,6,9,11 *", "this day never comes"),
        ("@daily", "a name for a schedule is not read"),
        ("0 ٨ * * *", "cannot be read as hour"),
        ("0 99999999999999999999 * * *", "is no hour"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(written: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        normal(written)

    assert message in caught.value.message
