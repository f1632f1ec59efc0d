"""Sources added to config.yaml as text: whatever its layout, all else stays."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import edit, parse
from monitor.config.edit import Draft, EditError, Entry

from .conftest import PROJECT

RULES = "rules:\n  both: [UK-China]  # keep me\n"
A, B = "{id: a, url: 'https://a.example'}", "{id: b, url: 'https://b.example'}"
NEW: Entry = {"id": "new", "name": "The New", "enabled": False, "url": "https://new.example/feed"}
TWO: Entry = {"id": "two", "url": "https://two.example/feed"}
FLOW = '{id: new, name: The New, enabled: false, url: "https://new.example/feed"}'
FLOW_TWO = '{id: two, url: "https://two.example/feed"}'
BLOCK = 'id: new\n    name: The New\n    enabled: false\n    url: "https://new.example/feed"'
BLOCK_TWO = 'id: two\n    url: "https://two.example/feed"'


def draft(folder: Path, text: str | bytes) -> Draft:
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return edit.open_draft(path, {"HOME": "the home"})


def moved(entry: str, columns: int) -> str:
    return entry.replace("\n    ", "\n" + " " * columns)


LAYOUTS = {
    "no sources key": (RULES, f"{RULES}\nsources:\n  - {BLOCK}\n  - {BLOCK_TWO}\n"),
    "no newline at the end": (RULES[:-1], f"{RULES}\nsources:\n  - {BLOCK}\n  - {BLOCK_TWO}\n"),
    "an empty list": (f"sources: []\n{RULES}", f"sources:\n  - {BLOCK}\n  - {BLOCK_TWO}\n{RULES}"),
    "an empty list with a comment": (
        f"sources: []   # none yet\n{RULES}",
        f"sources:   # none yet\n  - {BLOCK}\n  - {BLOCK_TWO}\n{RULES}",
    ),
    "an empty list at the end": ("sources: []", f"sources:\n  - {BLOCK}\n  - {BLOCK_TWO}"),
    "brackets on one line": (
        f"sources: [{A}]  # mine\n{RULES}",
        f"sources: [{A}, {FLOW}, {FLOW_TWO}]  # mine\n{RULES}",
    ),
    "brackets on one line, comma at the end": (
        f"sources: [{A}, ]\n{RULES}",
        f"sources: [{A}, {FLOW}, {FLOW_TWO} ]\n{RULES}",
    ),
    "brackets, an entry a line, comments": (
        f"sources: [\n  {A},  # one\n  {B}  # two\n  # more\n]\n{RULES}",
        f"sources: [\n  {A},  # one\n  {B},  # two\n  {FLOW},\n  {FLOW_TWO}\n  # more\n]\n{RULES}",
    ),
    "brackets, an entry a line, comma at the end": (
        f"sources: [\n  {A},\n  {B},  # two\n]\n{RULES}",
        f"sources: [\n  {A},\n  {B},  # two\n  {FLOW},\n  {FLOW_TWO},\n]\n{RULES}",
    ),
    "brackets that close behind the last entry": (
        f"sources: [{A},\n          {B}]\n",
        f"sources: [{A},\n          {B},\n          {FLOW},\n          {FLOW_TWO}]\n",
    ),
    "dashes with braces, comments behind": (
        f"sources:\n  - {A}  # one\n  # off:\n  # - {B}\n\n# ---\n{RULES}",
        f"sources:\n  - {A}  # one\n  - {FLOW}\n  - {FLOW_TWO}\n  # off:\n  # - {B}\n\n# ---\n{RULES}",
    ),
    "dashes in the first column": (
        f"sources:\n- id: a\n  url: https://a.example   # one\n\n# ---\n{RULES}",
        "sources:\n- id: a\n  url: https://a.example   # one\n"
        f"- {moved(BLOCK, 2)}\n- {moved(BLOCK_TWO, 2)}\n\n# ---\n{RULES}",
    ),
    "wide dashes": (
        "sources:\n  -   id: a\n      url: https://a.example\n",
        "sources:\n  -   id: a\n      url: https://a.example\n"
        f"  -   {moved(BLOCK, 6)}\n  -   {moved(BLOCK_TWO, 6)}\n",
    ),
    "a dash on its own line": (
        f"sources:\n  -\n    id: a\n    url: https://a.example\n{RULES}",
        f"sources:\n  -\n    id: a\n    url: https://a.example\n  - {BLOCK}\n  - {BLOCK_TWO}\n{RULES}",
    ),
    "a last value of several lines": (
        f"sources:\n  - id: a\n    url: https://a.example\n    note: |\n      one\n\n      two\n\n{RULES}",
        "sources:\n  - id: a\n    url: https://a.example\n    note: |\n      one\n\n      two\n"
        f"  - {BLOCK}\n  - {BLOCK_TWO}\n\n{RULES}",
    ),
    "anchors": (
        f"sources: &all\n  - &first {A}\n{RULES}",
        f"sources: &all\n  - &first {A}\n  - {FLOW}\n  - {FLOW_TWO}\n{RULES}",
    ),
    "an end of the document": (
        f"---\nsources:\n  - {A}\n...\n",
        f"---\nsources:\n  - {A}\n  - {FLOW}\n  - {FLOW_TWO}\n...\n",
    ),
    "the whole file in braces": (
        f"{{sources: [{A}], rules: {{both: [UK-China]}}}}\n",
        f"{{sources: [{A}, {FLOW}, {FLOW_TWO}], rules: {{both: [UK-China]}}}}\n",
    ),
    "the whole file in braces, no sources": (
        "{rules: {both: [UK-China]}}\n",
        f"{{rules: {{both: [UK-China]}}, sources: [{FLOW}, {FLOW_TWO}]}}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
def test_new_entries_follow_the_last_in_its_style(
    before: str, after: str, newline: str, bom: bytes, tmp_path: Path
) -> None:
    def written(text: str) -> bytes:
        return bom + text.replace("\n", newline).encode()

    if "\n" not in before:
        newline = "\n"  # nothing says what this file's lines end in
    new = edit.with_sources(draft(tmp_path, written(before)), [NEW, TWO])
    edit.save(new)

    assert (tmp_path / "config.yaml").read_bytes() == written(after)
    assert [source.id for source in new.config.sources][-2:] == ["new", "two"]
    assert new.added in new.text
    assert new.text.replace("\r\n", "\n").split("\n")[new.line - 1].find("id: new") >= 0


def test_the_shipped_config_gets_one_entry_in_its_own_style(tmp_path: Path) -> None:
    before = (PROJECT / "config.yaml").read_text(encoding="utf-8")
    entry = NEW | {"outlet": "The New Gazette", "kind": "uk-media", "side": "uk", "note": "tried out in May"}

    new = edit.with_sources(draft(tmp_path, before), [entry])

    changes = [line for line in difflib.ndiff(before.splitlines(), new.text.splitlines()) if line[0] in "+-"]
    assert changes == [
        "+   - {id: new, name: The New, outlet: The New Gazette, kind: uk-media, side: uk, enabled: false,",
        '+      note: tried out in May, url: "https://new.example/feed"}',
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{RULES}...\n",
        f"sources:\n  - id: a\n    url: https://a.example\n    note: |+\n      x\n\n\n{RULES}",
    ],
    ids=["an end of the document without the key", "a last value that keeps its empty lines"],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(text: str, tmp_path: Path) -> None:
    with pytest.raises(EditError, match="nothing was written") as raised:
        edit.with_sources(draft(tmp_path, text), [NEW])

    assert '  - id: new\n    name: The New\n    enabled: false\n    url: "https://new.example/feed"' in str(
        raised.value
    )


def test_a_list_written_elsewhere_is_not_added_to(tmp_path: Path) -> None:
    text = "rules: {both: &list []}\nsources: *list\n"
    with pytest.raises(EditError, match=r"written elsewhere \(\*alias\)"):
        edit.with_sources(draft(tmp_path, text), [NEW])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"id": "new", "url": "nope"}, '"nope" is not a web address'),
        ({"id": "new", "url": "https://a.example", "kind": "x"}, '"x" is not known here'),
        ({"id": "new", "url": "https://a.example", "every": "5"}, "expected a duration"),
        ({"id": "New", "url": "https://a.example"}, '"New" cannot be an id'),
        ({"id": "new"}, "url"),
    ],
)
def test_an_entry_that_is_no_source_is_told(entry: Entry, says: str, tmp_path: Path) -> None:
    opened = draft(tmp_path, RULES)
    with pytest.raises(EditError) as raised:
        edit.with_sources(opened, [entry])
    with pytest.raises(EditError) as alone:
        edit.as_source(opened, entry)

    assert says in str(raised.value)
    assert says in str(alone.value)


def test_each_entry_is_checked_by_itself() -> None:
    good: Entry = {"id": "good", "url": "https://good.example", "every": "2h"}
    bad: Entry = {"id": "bad", "url": "nope", "kind": "x"}
    entries = [good | {"id": f"good-{n}"} if n % 3 else bad | {"id": f"bad-{n}"} for n in range(1_200)]

    results = edit.checked(entries)

    assert [isinstance(result, str) for result in results] == [n % 3 == 0 for n in range(1_200)]
    assert [result.id for result in results if not isinstance(result, str)] == [
        entry["id"] for entry in entries if str(entry["id"]).startswith("good")
    ]


def test_a_source_has_the_defaults_of_its_config(tmp_path: Path) -> None:
    opened = draft(tmp_path, "polling: {every: 2h, timeout: 7s, max_bytes: 1MB}\n")

    source = edit.as_source(opened, {"id": "a", "url": "https://a.example"})

    assert (source.every.total_seconds(), source.timeout, source.max_bytes) == (7_200, 7, 1_000_000)
    assert source == edit.with_sources(opened, [{"id": "a", "url": "https://a.example"}]).config.sources[0]


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    new = edit.with_sources(draft(tmp_path, RULES), [NEW])
    (tmp_path / "config.yaml").write_text("# mine\n" + RULES, encoding="utf-8")

    with pytest.raises(EditError, match="changed meanwhile"):
        edit.save(new)

    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == "# mine\n" + RULES


def test_where_the_file_cannot_be_replaced_the_lines_to_add_are_told(tmp_path: Path) -> None:
    path = tmp_path / ("c" * 250)  # no room for a longer name beside it, which a new file would need
    path.write_text(RULES, encoding="utf-8")
    new = edit.with_sources(edit.open_draft(path, {}), [NEW])

    with pytest.raises(EditError, match="cannot be written: File name too long") as raised:
        edit.save(new)

    assert new.added in str(raised.value)
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [
        (path.name, RULES)
    ]


# Any printable text, and what YAML, our own variables and terminals give a meaning.
TEXTS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.text(
        alphabet="ab:#-?!&*[]{},|>'\"%@`$\\~ \t\n0123456789.eENnoyYTfu/中é\u2028\x85\x7f",
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(
        ["${HOME}", "$${HOME}", "no", "1:30", "2026-01-01", "null", "~", "1e3", "0x1f", " x ", "- x"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(name=TEXTS, note=TEXTS)
@pytest.mark.parametrize(
    "style", ["- {id: a, url: 'https://a.example'}", "- id: a\n    url: https://a.example"]
)
def test_any_text_is_read_back_as_it_is(
    style: str, name: str, note: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = draft(tmp_path_factory.getbasetemp(), f"sources:\n  {style}\n{RULES}")
    entry: Entry = {"id": "new", "name": f"n{name}", "note": note, "url": "https://new.example/${HOME}"}
    if any(0xD800 <= ord(char) <= 0xDFFF for char in name + note) or "\0" in name:
        return  # no text that a config can hold

    new = edit.with_sources(base, [entry])

    added = parse(new.text, file=base.file, environ={"HOME": "secret"}).sources[-1]
    assert (added.name, added.note, added.url) == (f"n{name}", note, "https://new.example/${HOME}")
