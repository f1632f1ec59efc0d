"""How many children a pool starts: one, and a second only where documents wait longer than its patience."""

from __future__ import annotations

import threading

from monitor.sandbox import ParserPool

from .test_sandbox import ENDLESS, GOOD, Reading, children, outcome, rss

FOREVER = 3_600.0
"""Seconds: longer than any test."""
HEAVY = rss("<item><title>Tea</title><link>/a</link></item>", times=8_000)
"""Keeps a child busy for some seconds."""


def test_documents_one_after_the_other_need_one_child() -> None:
    before = children()
    with ParserPool(workers=2, patience=0) as pool:
        assert [outcome(pool, GOOD) for _ in range(5)] == ["1 items"] * 5
        assert len(children() - before) == 1

    assert children() == before


def test_a_document_waits_for_the_child_that_is_busy() -> None:
    before = children()
    with ParserPool(workers=2, wall_seconds=60, cpu_seconds=60, patience=FOREVER) as pool:
        reading = Reading(pool, HEAVY)

        assert outcome(pool, GOOD) == "1 items"
        assert children() - before == {reading.child}
        assert reading.result() == "1 items"

    assert children() == before


def test_a_document_that_waits_too_long_gets_a_second_child() -> None:
    before = children()
    with ParserPool(workers=2, wall_seconds=60, cpu_seconds=60, patience=0.05) as pool:
        reading = Reading(pool, ENDLESS)

        assert outcome(pool, GOOD) == "1 items"
        both = children() - before
        assert len(both) == 2
        assert reading.child in both
        assert outcome(pool, GOOD) == "1 items"  # the second one is idle now: it is asked, and stays
        assert children() - before == both

    assert "killed" in reading.result()
    assert children() == before


def test_of_many_documents_that_wait_one_starts_the_last_child_and_all_are_read() -> None:
    before = children()
    with ParserPool(workers=2, wall_seconds=60, cpu_seconds=60, patience=0.2) as pool:
        reading = Reading(pool, ENDLESS)
        results: list[str] = []
        together = threading.Barrier(6)

        def read() -> None:
            together.wait()
            results.append(outcome(pool, GOOD))

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert results == ["1 items"] * 6
        assert len(children() - before) == 2

    assert "killed" in reading.result()
    assert children() == before


def test_closing_sends_away_who_waits_for_a_child() -> None:
    before = children()
    pool = ParserPool(workers=2, wall_seconds=60, cpu_seconds=60, patience=FOREVER)
    reading = Reading(pool, ENDLESS)
    asked = threading.Event()
    refused: list[str] = []

    def read() -> None:
        asked.set()
        try:
            refused.append(outcome(pool, GOOD))
        except RuntimeError as error:
            refused.append(str(error))

    waiting = threading.Thread(target=read)
    waiting.start()
    asked.wait()

    pool.close()
    waiting.join()

    assert refused == ["the parser pool is closed"]
    assert "killed" in reading.result()
    assert children() == before
