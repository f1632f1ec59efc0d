"""Border: the kinds of value in config.yaml that are more than text or a number, with their patterns.

A check raises PydanticCustomError with a sentence for the user and a hint; `messages` puts what was found for
"{found}", because it knows what must not be shown.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..govuk import FINDERS
from ..text import mailbox
from .cron import CronError, normal
from .hosts import enclosing_network, is_host, is_host_and_port, is_network
from .problems import did_you_mean
from .values import FromEnv, resolve

FORBIDDEN = "GOV.UK's robots.txt does not let programs read the finder of everything"
CHOOSE = f"choose among: {', '.join(FINDERS)}"
MAX_BYTES = 50_000_000
ID = r"^[a-z0-9][a-z0-9-]*$"
NOT_BLANK = r"\S"
NAME = r"^[a-z0-9][a-z0-9_-]*$"

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SIZES = {"b": 1, "kb": 1_000, "mb": 1_000_000, "kib": 1_024, "mib": 1_048_576}
_DURATION = r"^[0-9]{1,9}(\.[0-9]{1,3})?[smhdw]$"
_SIZE = r"^[0-9]{1,9}(\.[0-9]{1,3})? ?([kKmM][iI]?)?[bB]$"
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_HOST = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$"
_BASE = r"^https?://[^\s/?#@]+/?$"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
_CHANNEL = r"^[a-zA-Z][a-zA-Z0-9+.-]*://\S+$"
_ADDRESS = r"^([^<>\r\n]*<[^@\s<>,;]+@[^@\s<>,;]+>|[^@\s<>,;]+@[^@\s<>,;]+)$"


def _wrong(message: str, hint: str = "") -> PydanticCustomError:
    # The template is the message itself: pydantic replaces only names that are in the context.
    return PydanticCustomError("config", message, {"hint": hint})


def _from_env(value: Any) -> Any:
    """What a variable stands for where no text is wanted; all else is left to the type's own check."""
    return resolve(value) if isinstance(value, FromEnv) else value


def _unset(value: Any) -> Any:
    """An empty variable, as ${PROXY:-} gives, is nothing."""
    return None if isinstance(value, FromEnv) and not value.strip() else value


def parse_duration(text: str) -> float | None:
    """Seconds of "30m", "15s", "2h", "1d", "1w"; None where it is no duration."""
    return float(text[:-1]) * _SECONDS[text[-1]] if re.fullmatch(_DURATION, text) else None


def parse_size(text: str) -> int | None:
    """Bytes of "500KB" (1,000 each) or "10MiB" (1,024 times 1,024); None where it is no size."""
    match = re.fullmatch(r"([0-9.]+) ?([a-z]+)", text.lower()) if re.fullmatch(_SIZE, text) else None
    return int(float(match[1]) * _SIZES[match[2]]) if match else None


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    seconds = parse_duration(value) if isinstance(value, str) else None
    if seconds is None:
        raise _wrong(
            "expected a duration, found {found}", "write a number and s, m, h, d or w: 30s, 30m, 2h, 1d"
        )
    return timedelta(seconds=min(seconds, 10.0**12))


def _between(low: timedelta, high: timedelta, words: str) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if not low <= value <= high:
            raise _wrong(f"must be {words}, found {{found}}")
        return value

    return AfterValidator(check)


def _retention(value: Any) -> timedelta | None:
    if value == "forever":
        return None
    seconds = parse_duration(value) if isinstance(value, str) else None
    if seconds is None:
        raise _wrong("expected a duration or forever, found {found}", "write 90d, 52w or forever")
    if not 3_600 <= seconds <= 86_400 * 36_500:
        raise _wrong("must be from 1h to 36500d, or forever, found {found}")
    return timedelta(seconds=seconds)


def _size(value: Any) -> int:
    size = parse_size(value) if isinstance(value, str) else value
    if not isinstance(size, int) or isinstance(size, bool):
        raise _wrong("expected a size, found {found}", "write a number and KB or MB: 500KB, 10MB")
    if not 1_000 <= size <= MAX_BYTES:
        raise _wrong("must be from 1KB to 50MB, found {found}")
    return size


def _web_address(value: str) -> str:
    hint = "write the whole address, beginning with https://"
    if any(char.isspace() or not char.isprintable() for char in value):
        raise _wrong("a web address has no blanks: {found}", "write a blank within an address as %20")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _wrong("{found} is not a web address", "check the part between // and the next /") from None
    if parts.scheme and "//" in value and parts.scheme not in ("http", "https"):
        raise _wrong(f"only http and https are read, not {parts.scheme}: {{found}}", hint)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise _wrong("{found} is not a web address", hint)
    return value


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    if not isinstance(value, str):
        raise _wrong("expected a time zone, found {found}", "write it as Europe/London")
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        zones = sorted(available_timezones())
        cities = {zone.rpartition("/")[2].lower(): zone for zone in zones}
        city = cities.get(value.strip().lower().replace(" ", "_"))
        hint = f'did you mean "{city}"?' if city else did_you_mean(value, zones)
        raise _wrong("there is no time zone {found}", hint or "write it as Europe/London") from None


def _schedule(value: str) -> str:
    if value.strip() == "immediately":
        return "immediately"
    try:
        return normal(value)
    except CronError as error:
        raise _wrong(error.message, error.hint) from None


def _private(value: str) -> str:
    hint = 'write "10.0.0.0/24", "10.0.0.5", "intranet.example", "intranet.example:8080" or "[fd00::1]:8080"'
    if is_host(value) or is_host_and_port(value):
        return value
    network = enclosing_network(value) if "/" in value else None
    if not network:
        raise _wrong("{found} is neither a host nor a network", hint)
    if not is_network(value):
        raise _wrong("{found} is one address within a network", f'write "{network}" for all of it')
    return value


def _nowhere(value: Any) -> Any:
    """Like null: so one switches it off where null cannot be written, as in a variable."""
    return None if value == "" else _unset(value)


def _listen(value: Any) -> Any:
    if not isinstance(value, str) or not is_host_and_port(value):
        raise _wrong(
            "expected host:port, found {found}", 'write "127.0.0.1:8080", or "0.0.0.0:8080" for every network'
        )
    return value


def _smtp_host(value: str) -> str:
    if not is_host(value):
        raise _wrong("{found} is not a host name", "write the name alone, without port or smtp://")
    return value


def _address(value: str) -> str:
    if not re.match(_ADDRESS, value) or not value.isprintable():
        raise _wrong(
            "{found} is not a mail address", "write analyst@example.org or Name <analyst@example.org>"
        )
    try:
        mailbox(value)
    except ValueError:  # its words hold the address, which may not be for showing
        raise _wrong(
            "{found} is a mail address that no server takes",
            "check the domain after the @; before it stand at most 64 bytes, and 254 in all",
        ) from None
    return value


def _channel(value: Any) -> Any:
    """A URL; "" for an empty variable, which is no channel."""
    if _unset(value) is None and value is not None:
        return ""
    if isinstance(value, str) and not (re.match(_CHANNEL, value) and value.isprintable()):
        raise _wrong(
            "{found} is no channel",
            "write its URL as the service gives it, or as Apprise's page on the service has it: slack://…",
        )
    return value


def _command(value: Any) -> Any:
    """A program and its arguments: a list, or a text that is split as a shell would."""
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError:
        raise _wrong(
            "a quotation mark in this command is never closed", "close it, or write a list of words"
        ) from None
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words) and words[0]:
        return words
    if words == [] and (isinstance(value, FromEnv) or value == []):
        return []
    raise _wrong("expected a command, found {found}", 'write [program, argument, …], or "program argument …"')


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, content in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise _wrong(
                "the name of a header has characters that HTTP forbids", "letters, digits and hyphens"
            )
        if not content.isascii() or not content.isprintable():
            raise _wrong(f"the header {name} has characters other than plain ASCII on one line")
    return value


def _agent(value: str) -> str:
    if not value.strip() or not value.isascii() or not value.isprintable():
        raise _wrong(
            "a user agent is plain ASCII text on one line", "write monitor (+https://monitor.example.org)"
        )
    return value


def _something(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise _wrong("the text is empty", "write something, or remove the line")
    return value


def _id(value: str) -> str:
    if not re.fullmatch(ID[1:-1], value):
        near = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        hint = "small letters, digits and hyphens" + (f': "{near}"' if near else "")
        raise _wrong("{found} cannot be an id", hint)
    return value


def _slug(value: str) -> str:
    if re.fullmatch(_SLUG[1:-1], value):
        return value
    near = slug_of(value)
    hint = f'write "{near}"' if near else 'the last part of its address at GOV.UK, as in "hong-kong"'
    raise _wrong("{found} is not a name as GOV.UK's addresses have it", hint)


def slug_of(text: str) -> str:
    """What GOV.UK would call it in an address: "hong-kong" for "Hong Kong" or for the address of its page."""
    if "/" in text:
        steps = [step for step in urlsplit(text.strip()).path.split("/") if step]
        beyond = [
            step for step in steps[1:] if step not in ("organisations", "topical-events", "people", "news")
        ]
        text = (beyond or steps or [""])[0].partition(".")[0]
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _finder(value: str) -> str:
    if value in FINDERS:
        return value
    name = urlsplit(value).path.rstrip("/").rpartition("/")[2].removesuffix(".atom")
    if name == "all":
        raise _wrong(FORBIDDEN, CHOOSE)
    alike = [finder for finder in FINDERS if name and name.lower().replace(" ", "-") in finder]
    near = f'did you mean "{alike[0]}"?' if alike else did_you_mean(name, FINDERS)
    raise _wrong("GOV.UK has no finder {found}", near or f"write one of: {', '.join(FINDERS)}")


def _mirrored(value: str) -> str:
    if not re.fullmatch(_HOST[1:-1], value):
        host = (urlsplit(value if "//" in value else f"//{value}").hostname or "").rstrip(".")
        hint = f'write "{host}"' if re.fullmatch(_HOST[1:-1], host) else "write it like www.gov.uk"
        raise _wrong(
            "what is mirrored is a host: its name alone, in small letters, without port or https://", hint
        )
    return value


def _base(value: str) -> str:
    _web_address(value)
    parts = urlsplit(value)
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        hint = f'write "{parts.scheme}://{parts.netloc.rpartition("@")[2]}"'
        raise _wrong(
            "a mirror is a scheme, a host and perhaps a port, with nothing after them: {found}", hint
        )
    return value.rstrip("/")


def _topics(value: Any) -> list[str]:
    """Topic ids; the empty list for "all"."""
    if value == "all":
        return []
    if not isinstance(value, list) or not value:
        raise _wrong("expected all or a list of topics, found {found}", "write all or [trade, security]")
    return value


def _string(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


_DURATION_SCHEMA = _string(_DURATION)
_NOT_BLANK = _string(NOT_BLANK)
_TOPICS_SCHEMA = {
    "anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}]
}

Flag = Annotated[bool, BeforeValidator(_from_env)]
Whole = Annotated[int, BeforeValidator(_from_env)]
Port = Annotated[int, Field(ge=1, le=65_535), BeforeValidator(_from_env)]
Number = Annotated[float, BeforeValidator(_from_env)]
Text = Annotated[str, AfterValidator(_something), _NOT_BLANK]
Id = Annotated[str, AfterValidator(_id), _string(ID)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
WebAddress = Annotated[str, AfterValidator(_web_address), _string(r"^[hH][tT][tT][pP][sS]?://[^\s/]\S*$")]
Slug = Annotated[str, AfterValidator(_slug), _string(_SLUG)]
Finder = Annotated[str, AfterValidator(_finder), WithJsonSchema({"type": "string", "enum": list(FINDERS)})]
Mirrors = dict[
    Annotated[str, AfterValidator(_mirrored), _string(_HOST)],
    Annotated[str, AfterValidator(_base), _string(_BASE)],
]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), _NOT_BLANK]
Interval = Annotated[
    timedelta,
    BeforeValidator(_duration),
    _between(timedelta(seconds=1), timedelta(days=366), "from 1s to 366d"),
    _DURATION_SCHEMA,
]
Timeout = Annotated[
    timedelta,
    BeforeValidator(_duration),
    _between(timedelta(seconds=1), timedelta(seconds=300), "from 1s to 300s"),
    _DURATION_SCHEMA,
]
Retention = Annotated[
    timedelta | None,
    BeforeValidator(_retention),
    WithJsonSchema({"anyOf": [{"const": "forever"}, {"type": "string", "pattern": _DURATION}]}),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _SIZE},
                {"type": "integer", "minimum": 1_000, "maximum": MAX_BYTES},
            ]
        }
    ),
]
Schedule = Annotated[str, AfterValidator(_schedule), _string(r"^\s*(immediately|\S+(\s+\S+){4})\s*$")]
Private = Annotated[str, AfterValidator(_private), _NOT_BLANK]
Listen = Annotated[
    Annotated[str, BeforeValidator(_listen), _string(r"^(\S+:[0-9]{1,5})?$")] | None,
    BeforeValidator(_nowhere),
]
SmtpHost = Annotated[str, AfterValidator(_smtp_host), _NOT_BLANK]
Address = Annotated[str, AfterValidator(_address), _string(_ADDRESS)]
OptionalAddress = Annotated[Address | None, BeforeValidator(_unset)]
OptionalWebAddress = Annotated[WebAddress | None, BeforeValidator(_unset)]
OptionalText = Annotated[Text | None, BeforeValidator(_unset)]
Agent = Annotated[str, AfterValidator(_agent), _NOT_BLANK]
Channel = Annotated[str, BeforeValidator(_channel), _string(_CHANNEL)]
Command = Annotated[
    list[str],
    BeforeValidator(_command),
    WithJsonSchema(
        {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string", "pattern": NOT_BLANK}]}
    ),
]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
Topics = Annotated[list[str], BeforeValidator(_topics), WithJsonSchema(_TOPICS_SCHEMA)]
