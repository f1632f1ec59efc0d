"""I/O: hands a short text to a chat or the like, by Apprise, and says what became of it.

Apprise has a time limit for each wait, none for the whole, and lets a service be asked many times over; so it
works in a child process (`apprise_child`) that is killed when its time is over. The child gets the URL, which
holds secrets, by its standard input, and of the environment only what a request to the web may need.

Apprise is an extra: without it everything else works. It is imported in the child alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from ..models import Outcome
from .apprise_child import BEGUN, FINISHED

LIMIT = 30.0
"""Seconds for one message, the start of the child included."""
REASON_CHARS = 200
INSTALL = "install Apprise: pip install 'uk-china-monitor[channels]'"

_STEP = 0.2
"""Seconds between two looks at whether the program is to stop."""
_BOOT = (
    "import sys; sys.path[:] = sys.argv[1:]; from monitor.deliver.apprise_child import serve; "
    "sys.exit(serve(sys.stdin.buffer, sys.stdout.buffer))"
)
# What Python and a request to the web need to start; the rest may hold passwords.
_ENVIRONMENT = frozenset(
    (
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "TMPDIR"),
        *("LANG", "LC_ALL", "LC_CTYPE", "TZ"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    )
)
_SEPARATORS = re.compile(r"[/@:?&=#,;+\s]+")
_TOO_SHORT = 3
"""Pieces of a URL with fewer characters are no secrets, and would blot out half of a sentence."""


def channel_name(url: str) -> str:
    """What the ledger calls a channel: its kind and six hex digits that tell it from others of the kind.

    The digits are of the URL's SHA-256, so that nothing of its secrets is shown.
    """
    digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_schema(url) or 'channel'} {digest[:6]}"


def is_installed() -> bool:
    """Whether there is an Apprise to hand anything to."""
    return find_spec("apprise") is not None


def faults(urls: Sequence[str], *, seconds: float = LIMIT) -> tuple[str, ...]:
    """For each channel why nothing can be sent to it, as a sentence without its secrets; "" where it can.

    It sends nothing. Where Apprise is not installed there is nothing to be said.
    """
    if not urls or not is_installed():
        return ("",) * len(urls)
    request = json.dumps({"look_at": list(urls)}).encode()
    with _started() as child:
        answer, _ = _answer(child, request, seconds, lambda: False)
    try:
        told = json.loads(answer)["faults"]
        return tuple(without_secrets(str(fault), url) for fault, url in zip(told, urls, strict=True))
    except (ValueError, LookupError, TypeError):
        return ("Apprise, as it is installed here, does not work",) * len(urls)


def notify(
    url: str,
    title: str,
    body: str,
    *,
    seconds: float = LIMIT,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Sends a plain text to a channel. Takes at most `seconds`, and ends soon once `stopping` says so.

    sent: the service has taken it. deferred: it has not. refused: the URL is none that Apprise can use, or
    there is no Apprise. unknown: it was handed over and no answer came, or the URL names several recipients
    and one of them failed. Raises nothing for what the service or the network does.
    """
    if not is_installed():
        return Outcome("deferred", f"nothing can be sent to channels: {INSTALL}")
    request = json.dumps({"url": url, "title": title, "body": body}).encode()
    with _started() as child:
        answer, end = _answer(child, request, seconds, stopping)
    return _understood(answer.removeprefix(BEGUN), url) or _broken(end, begun=answer.startswith(BEGUN))


def without_secrets(text: str, url: str) -> str:
    """`text` as one printable line in which no piece of `url` but its kind is left."""
    rest = url.partition("://")[2] or url
    whole = [rest, unquote(rest), unquote_plus(rest)]
    pieces = {piece for form in whole for piece in _SEPARATORS.split(form)} | {*whole}
    hidden = sorted((piece for piece in pieces if len(piece) >= _TOO_SHORT), key=len, reverse=True)
    for piece in hidden:
        text = re.sub(re.escape(piece), "***", text, flags=re.IGNORECASE)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= REASON_CHARS else line[: REASON_CHARS - 1] + "…"


def _schema(url: str) -> str:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,40})://", url)
    return found[1].lower() if found else ""


def _started() -> subprocess.Popen[bytes]:
    """A child that waits for its request. It has its own session: Ctrl-C is for the parent alone."""
    home = str(Path(__file__).parent.parent.parent)
    path = [*(str(Path(entry).absolute()) for entry in sys.path if entry), home]
    return subprocess.Popen(  # noqa: S603 - this interpreter, and nothing that came from outside
        [sys.executable, "-I", "-c", _BOOT, *path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
        start_new_session=True,
    )


def _answer(
    child: subprocess.Popen[bytes], request: bytes, seconds: float, stopping: Callable[[], bool]
) -> tuple[bytes, str]:
    """What the child wrote, and why it was ended before it was done; "" where it was not."""
    deadline = time.monotonic() + seconds
    given: bytes | None = request
    end = ""
    while not end:
        try:
            return child.communicate(given, timeout=min(_STEP, max(0.0, deadline - time.monotonic())))[0], ""
        except subprocess.TimeoutExpired:
            given = None  # it is kept, and may not be given again
            if stopping():
                end = "the program was stopped while it waited for the service"
            elif time.monotonic() >= deadline:
                end = f"the service gave no answer within {seconds:g} s"
    child.kill()
    return child.communicate()[0], end


def _understood(answer: bytes, url: str) -> Outcome | None:
    """The child's answer as an Outcome; None where it gave none."""
    try:
        told = json.loads(answer)
        status = next(known for known in FINISHED if known == told["status"])
        return Outcome(status, without_secrets(str(told["reason"]), url))
    except (ValueError, LookupError, TypeError, StopIteration):
        return None


def _broken(end: str, *, begun: bool) -> Outcome:
    """What is known where the child gave no answer: whether the message had left its hands."""
    why = end or "what hands messages to channels broke down"
    return Outcome("unknown", f"{why}; it may have arrived") if begun else Outcome("deferred", why)
