"""Border: what PyYAML says of text that is no YAML, in plain words, and what to do about it."""

from __future__ import annotations

# What PyYAML says, what we say, and what to do.
_SYNTAX = (
    ("cannot start any token", '"{char}" cannot begin a text', 'put the whole text in quotes: "…"'),
    (
        "mapping values are not allowed",
        "a colon is not expected here",
        'a text with ": " in it needs quotes; else check the indentation',
    ),
    ("',' or", "the [ or { that began before is not closed here", "a comma, ] or } is missing"),
    (
        "could not find expected ':'",
        "this line has no colon, so it is no key",
        "a colon is missing, or the indentation is off",
    ),
    (
        "alphabetic or numeric character",
        "a text that begins with * or & needs quotes",
        'write "*…"; for any ending, the star comes last: tariff*',
    ),
    (
        "invalid Unicode character escape",
        "the number after this \\u stands for no character",
        "write the character itself",
    ),
    (
        "expected",
        "this does not fit what stands above: {what}",
        "check the indentation, and quotes and brackets before it",
    ),
)


def in_plain_words(what: str, line: str, column: int) -> tuple[str, str]:
    """(message, hint) for a syntax error at `column` (from 1) of `line`; `what` is PyYAML's word for it."""
    char = line[column - 1 : column]
    before = line[: column - 1].rstrip()
    if "\t" in what or r"\t" in what or (char == "\t" and not before):
        return "a tab is used to indent", "use blanks"
    if char == "{" and before.endswith("$"):
        return "a variable within { } or [ ] needs quotes", 'write "${NAME}"'
    if before.endswith(('"', "'")) and line[column - 1 :].strip():
        hint = "put single quotes round the whole, as in '\"BN(O)\" OR passport'"
        return "text goes on after the closing quote", hint
    for words, message, hint in _SYNTAX:
        if words in what:
            return message.replace("{char}", char).replace("{what}", what), hint
    return f"this is not YAML: {what}", ""
