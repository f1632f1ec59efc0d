"""Core: how much of the world an edition has seen, from how its sources do."""

from __future__ import annotations

from collections.abc import Sequence

from ..models import Coverage, Notice, SourceHealth, Trouble, Undelivered


def coverage(
    healths: Sequence[SourceHealth],
    *,
    notices: Sequence[Notice],
    looked_at: int,
    matched: int,
    rules_version: str,
    previous_rules_version: str | None,
    undelivered: Sequence[Undelivered] = (),
    troubles: Sequence[Trouble] = (),
) -> Coverage:
    """The coverage of one edition. Sources that are switched off are no part of it.

    `notices` are those of the window; `looked_at` and `matched` count its items. `previous_rules_version` is
    None for a first edition. `undelivered` are earlier editions whose mails did not arrive,
    `troubles` files of the user's that could not be used.
    """
    on = tuple(health for health in healths if health.status != "off")
    ids = {health.id for health in on}
    changed = None if previous_rules_version is None else previous_rules_version != rules_version
    told = tuple(notice for notice in notices if notice.source_id in ids)
    return Coverage(on, looked_at, matched, rules_version, changed, told, tuple(undelivered), tuple(troubles))
