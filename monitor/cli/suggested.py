"""Shell: what `monitor suggest` prints: each suggestion with what to type or to paste, or JSON."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .. import tune
from .context import Context
from .output import one_line, plural
from .terms import item_id, looked_at, short


def print_suggestions(context: Context, found: tune.Suggestions, start: datetime | None) -> None:
    """Five sections, each with its suggestions or why it has none."""
    print(looked_at(context, start, found.items, found.matched, found.labels))
    _section("1. Terms that found nothing for an ending or a capital, where it mattered")
    for near in found.near:
        _suggestion(_near(near), *(_diff(near.where, term) for term in near.write))
    _none_if(found.near, "none")
    _section("2. Names and phrases that stand in matched items and in no rule")
    for name in found.names:
        _suggestion(_name(name), _diff(name.where, name.text))
    if found.names:
        print("   A name that stands for one side by itself belongs under uk: or china: instead.")
    _none_if(found.names, "none that stand out")
    _section("3. Words of items labelled relevant that no rule has")
    for word in found.telling:
        _suggestion(_telling(word), _diff(word.where, word.text))
    _none_if(found.telling, _why_no_words(found))
    if context.args.topic:
        print("\nWhat concerns no single topic is left out: see monitor suggest without --topic.")
        return
    _section("4. Words of false alarms, for the list exclude")
    for alarm in found.false_alarm_words:
        _suggestion(_alarming(alarm), _diff("exclude", alarm.text))
    _none_if(found.false_alarm_words, _why_no_exclusions(found))
    _section(
        f"5. Text that a source repeats: page furniture, to be cut by a line in {context.config.file.name}"
    )
    for one in found.furniture:
        _suggestion(_furniture(one), _strip(one, context))
    _none_if(found.furniture, "none")
    print("\nNothing was changed. A diff shows what a term would do before you write it into the config.")


def _section(heading: str) -> None:
    print(f"\n{heading}")


def _suggestion(what: str, *to_do: str) -> None:
    print(f"   {one_line(what)}")
    for line in to_do:
        print(f"      {one_line(line)}")


def _none_if(found: Sequence[object], why: str) -> None:
    if not found:
        print(f"   {why}")


def _near(near: tune.NearTerm) -> str:
    effects = []
    if near.enter:
        effects.append(f"{plural(near.enter, 'item')} would come in")
    if near.filed:
        effects.append(f"{plural(near.filed, 'item')} would be filed under {near.where}")
    forms = ", ".join(near.forms)
    such_as = f"such as {near.example}: {near.context}"
    return f'{near.where} "{short(near.term)}": {forms}; {", ".join(effects)}, {such_as}'


def _name(name: tune.Name) -> str:
    outlets = "3 or more outlets" if name.outlets >= tune.OUTLETS_COUNTED else plural(name.outlets, "outlet")
    topic = f", mostly {name.where}" if name.where else ""
    found = f"{name.items:,} matched items of {outlets}{topic}"
    return f"{name.text}: {found}, such as {name.example}{_elsewhere(name)}"


def _telling(word: tune.TellingWord) -> str:
    wrong = f"and {word.wrong:,}" if word.wrong else "and none"
    return (
        f"{word.text}: in {word.right:,} items labelled relevant {wrong} labelled irrelevant, "
        f"such as {word.example}{_elsewhere(word)}"
    )


def _elsewhere(one: tune.Name | tune.TellingWord) -> str:
    return f"; also in {plural(one.others, 'item')} not matched" if one.others else ""


def _alarming(word: tune.FalseAlarmWord) -> str:
    return (
        f"{word.text}: in {plural(word.wrong, 'false alarm')} and no item labelled relevant, "
        f"such as {word.example}; would take out {plural(word.matched, 'matched item')}"
    )


def _furniture(one: tune.Furniture) -> str:
    finds = f"; the rules find {_some(one.finds)} in it" if one.finds else ""
    of_items = plural(one.of_items, "item")
    return f"source {one.source_id}, in {one.items:,} of {of_items}, such as {one.example}{finds}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f'"{short(name)}"' for name in names[:3]) + more


def _why_no_words(found: tune.Suggestions) -> str:
    if found.labels < tune.LABELS_NEEDED:
        return f"needs {tune.LABELS_NEEDED} labels, have {found.labels}: monitor label --next"
    return "none that stand out against the items labelled irrelevant"


def _why_no_exclusions(found: tune.Suggestions) -> str:
    if not found.labels:
        return "needs labels: monitor label --next"
    if not found.false_alarms:
        return "none: the rules let in no item labelled irrelevant"
    return f"none that {plural(found.false_alarms, 'false alarm')} share and no relevant item has"


def _diff(where: str, term: str) -> str:
    """A command to try a term, as a shell takes it."""
    if not where:
        phrase = f'"{term}"'
        return f"monitor search {shlex.quote(phrase)}"
    return f"monitor diff --add {_edit(where, term)}"


def _edit(where: str, term: str) -> str:
    if re.fullmatch(r"[\w.+-]+", term):
        return f"{where}:{term}"
    if re.search(r'["$`\\!]', term):
        return shlex.quote(f"{where}:{term}")
    return f'{where}:"{term}"'


def _strip(one: tune.Furniture, context: Context) -> str:
    """The line to paste under the source: what it strips already, and this. JSON's strings are YAML's."""
    present = next((source.strip for source in context.config.sources if source.id == one.source_id), ())
    return f"strip: {json.dumps([*present, *one.texts], ensure_ascii=False)}"


def suggestions_json(context: Context, start: datetime | None, found: tune.Suggestions) -> dict[str, Any]:
    """The same; "add" is what `monitor diff --add` takes, "line" is to be pasted into the config."""
    return {
        "since": start,
        "rules_version": context.config.rulebook.version,
        "items": found.items,
        "matched": found.matched,
        "labels": found.labels,
        "labels_needed": tune.LABELS_NEEDED,
        "false_alarms": found.false_alarms,
        "near": [
            {
                "list": near.where,
                "term": near.term,
                "forms": list(near.forms),
                "enter": near.enter,
                "filed": near.filed,
                "example": item_id(near.example),
                "context": near.context,
                "add": [f"{near.where}:{term}" for term in near.write],
            }
            for near in found.near
        ],
        "names": [
            {
                "text": name.text,
                "items": name.items,
                "outlets": name.outlets,
                **_proposed(name),
            }
            for name in found.names
        ],
        "labelled_relevant": [
            {
                "text": word.text,
                "relevant": word.right,
                "irrelevant": word.wrong,
                **_proposed(word),
            }
            for word in found.telling
        ],
        "exclude": [
            {
                "text": word.text,
                "false_alarms": word.wrong,
                "matched": word.matched,
                "example": item_id(word.example),
                "add": [f"exclude:{word.text}"],
            }
            for word in found.false_alarm_words
        ],
        "strip": [
            {
                "source": one.source_id,
                "texts": list(one.texts),
                "items": one.items,
                "of_items": one.of_items,
                "finds": list(one.finds),
                "example": item_id(one.example),
                "line": _strip(one, context),
            }
            for one in found.furniture
        ],
    }


def _proposed(one: tune.Name | tune.TellingWord) -> dict[str, Any]:
    return {
        "others": one.others,
        "list": one.where or None,
        "example": item_id(one.example),
        "add": [f"{one.where}:{one.text}"] if one.where else [],
    }
