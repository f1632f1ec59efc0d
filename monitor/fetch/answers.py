"""I/O: what a status or a broken connection means, in sentences for the analyst."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore
import httpx

from monitor.fetch.errors import FetchError, quoted

FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
)
"""What a request may raise when the connection, not the answer, is at fault."""

YEAR = 366 * 86400.0

_ADVICE = {
    401: "it asks for a login; give it one with `headers` on this source",
    403: "it refuses this program, as some sites refuse all; look for another feed, or ask the publisher",
    404: "there is no feed at this address; look for its new one",
    407: "the proxy asks for a login; put it in network.proxy",
    410: "the publisher has removed this feed for good; look for its new address or delete the source",
    429: "it asks for fewer requests; raise `every` for this source if this goes on",
    451: "it may not show this here, for legal reasons; take another source, or switch it off",
}


def error_answer(response: httpx.Response) -> FetchError:
    """The error that an answer without a document stands for."""
    status = response.status_code
    pause = retry_after(response)
    advice = _ADVICE.get(status) or _advice_for_class(status)
    wait = f" (it asks to wait {_wait(pause)})" if pause is not None else ""
    return FetchError(
        f"{response.url.host} answered {_named(status)}{wait}: {advice}",
        status=status,
        retry_after=pause,
        gone=status == HTTPStatus.GONE,
    )


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks us to wait: a number, or a date (RFC 9110, 10.2.3), at most a year.

    A date is taken against the answer's own Date, so that neither clock need be right; without one, or where
    either cannot be read, there is no wish.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), YEAR)
    until, now = _http_date(value), _http_date(response.headers.get("date", ""))
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), YEAR)


def broken(error: Exception, host: str, spent: float, received: int | None) -> FetchError:
    """The error for one of FAILURES, after `spent` seconds.

    `received` is how many bytes of the body had come; None where the answer had not even begun.
    """
    stage = "waiting for its answer" if received is None else f"reading the body ({received:,} bytes came)"
    match error:
        case httpcore.ConnectTimeout():
            message = f"timed out after {_duration(spent)} while connecting to {host}"
        case httpcore.TimeoutException():
            message = f"{host} timed out after {_duration(spent)} while {stage}"
        case httpcore.ConnectError():
            message = _unconnected(_reason(error), host)
        case httpcore.ProxyError():
            message = f"the proxy would not connect to {host} ({quoted(str(error))}); check network.proxy"
        case httpcore.LocalProtocolError():
            # Not the error's own words: they quote the value, which may be a key.
            message = "the request cannot be sent: `headers` of this source has characters that HTTP forbids"
        case httpcore.RemoteProtocolError():
            message = f"{host} broke off or does not speak HTTP ({quoted(str(error))}) while {stage}"
        case _:
            message = f"the connection to {host} broke ({_reason(error)}) while {stage}"
    return FetchError(message)


def _named(status: int) -> str:
    """The status with its standard phrase: the server's own is a stranger's text."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _advice_for_class(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "the site has a fault of its own; it is asked again later"
    if status >= HTTPStatus.BAD_REQUEST:
        return "it does not take this request; check the address"
    return "that is no document; check the address"


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a year of twenty digits
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # asctime's form has no zone: it is UTC


def _duration(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def _wait(seconds: float) -> str:
    """A wish of the server's, which may be of hours or days: "2 hours"."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"


def _reason(error: Exception) -> object:
    """The operating system's error, which httpcore hands on as its own error's argument."""
    return error.args[0] if error.args else "no reason given"


def _unconnected(cause: object, host: str) -> str:
    match cause:
        case ssl.SSLCertVerificationError():
            return (
                f"the TLS certificate of {host} is not accepted ({cause.verify_message}); if a browser here "
                "accepts it, your network's own authority is missing from the system's certificates"
            )
        case ssl.SSLError():
            return f"{host} does not speak TLS as it should ({cause.reason}); check https in the address"
        case ConnectionRefusedError():
            return f"{host} refused the connection; the site may be down, or the port wrong"
        case OSError():
            return f"no connection to {host} ({cause.strerror or cause}); check the network"
        case _:
            return f"no connection to {host}; check the network"
