"""I/O: what the child process of `channels` does: one message to one service. The only user of Apprise.

On its standard input it gets {"url", "title", "body"} as JSON. It writes one line before it hands the message
over, so that a parent that has to end it knows whether anything may have left, and then {"status", "reason"}.
Or it gets {"look_at": [URL, …]}, sends nothing, and writes {"faults"}: what is the matter with each, or "".
"""

from __future__ import annotations

import difflib
import json
import logging
import re
from typing import IO, TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import apprise

Finished = Literal["sent", "deferred", "refused", "unknown"]

BEGUN: Final = b"begun\n"
FINISHED: Final[tuple[Finished, ...]] = ("sent", "deferred", "refused", "unknown")
APP: Final = "UK-China Monitor"

_LOGGER = "apprise"
# What requests says where a request went out and its answer did not come in. Apprise keeps the exception to
# itself but for a line of its log.
_NO_ANSWER = re.compile(
    r"Read timed out|Connection aborted|Connection broken|RemoteDisconnected|IncompleteRead"
)


class Heard(logging.Handler):
    """Keeps what Apprise logs, in memory."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.warnings: list[str] = []
        self.no_answer = False

    def emit(self, record: logging.LogRecord) -> None:
        """Takes a line of the log."""
        text = record.getMessage()
        self.no_answer = self.no_answer or bool(_NO_ANSWER.search(text))
        if record.levelno >= logging.WARNING:
            self.warnings.append(text)


def serve(given: IO[bytes], answer: IO[bytes]) -> int:
    """Does the one thing that `given` asks for and writes to `answer` what came of it; 0 always."""
    request = json.loads(given.read())
    if "look_at" in request:
        told: dict[str, object] = {"faults": [fault(url) for url in request["look_at"]]}
    else:
        status, reason = _sent(request["url"], request["title"], request["body"], answer)
        told = {"status": status, "reason": reason}
    answer.write(json.dumps(told).encode())
    answer.flush()
    return 0


def _sent(url: str, title: str, body: str, answer: IO[bytes]) -> tuple[Finished, str]:
    import apprise  # noqa: PLC0415 - an extra

    heard = Heard()
    found = service(url, heard)
    if found is None:
        why = f": {heard.warnings[-1]}" if heard.warnings else ""
        return "refused", f"Apprise does not understand the channel's URL{why}"
    sender = apprise.Apprise(asset=found.asset)
    sender.add(found)
    answer.write(BEGUN)
    answer.flush()
    if sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
        return "sent", ""
    why = (
        heard.warnings[-1] if heard.warnings else "the service did not take it, and Apprise does not say why"
    )
    if heard.no_answer:
        return "unknown", f"no answer came, so it may have arrived: {why}"
    if len(found) > 1:
        return "unknown", f"not all of the {len(found)} recipients of this channel have it: {why}"
    return "deferred", why


def service(url: str, heard: Heard | None = None) -> apprise.NotifyBase | None:
    """The service that a URL stands for, None where there is none; its log goes to `heard` alone.

    Nothing of it is kept on disk, no code of the user's is loaded, and texts are taken as they are.
    """
    import apprise  # noqa: PLC0415 - an extra

    log = logging.getLogger(_LOGGER)
    log.propagate = False
    log.setLevel(logging.DEBUG if heard else logging.CRITICAL + 1)
    if heard:
        log.addHandler(heard)
    asset = apprise.AppriseAsset(
        app_id=APP,
        app_desc=APP,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        interpret_emojis=False,
        interpret_escapes=False,
        plugin_paths=[],
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    # `instantiate` and not `add`: this takes one URL, and no list, file or address of a configuration.
    return apprise.Apprise.instantiate(url, asset=asset)


def fault(url: str) -> str:
    """What is the matter with a channel's URL, in a sentence; "" where it can be used."""
    if service(url):
        return ""
    from apprise.manager_plugins import NotificationManager  # noqa: PLC0415 - an extra

    kind, known = url.partition("://")[0].lower(), sorted(NotificationManager().schemas())
    if kind in ("http", "https"):
        return "Apprise knows no service with such a web address"
    if kind in known:
        return f"Apprise cannot use this {kind}:// URL: a part is missing, or not of the form it has to have"
    near = difflib.get_close_matches(kind, known, n=1, cutoff=0.6)
    meant = f"; did you mean {near[0]}://?" if near else ""
    return f"Apprise, as it is installed here, has no service {kind}://{meant}"
