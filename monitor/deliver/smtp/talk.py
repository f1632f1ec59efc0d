"""I/O: commands and replies over a wire; smtplib knows how they are written."""

from __future__ import annotations

import smtplib
import ssl

from .patience import Patience
from .replies import Reply, cleaned
from .wire import Certificate, Wire

OUR_NAME = "[127.0.0.1]"
"""Said in EHLO (RFC 5321, 4.1.3): the machine's full name would need DNS, which can take half a minute."""


class Talk:
    """A conversation. `server` is how messages name the other side: "mail server mail.example.org:587".

    All methods raise Lost where the conversation breaks off; after that only `close` is of use.
    """

    def __init__(self, wire: Wire, server: str, patience: Patience) -> None:
        self.server = server
        self.patience = patience
        self._wire = wire
        self._hidden: set[str] = set()
        self._smtp = smtplib.SMTP(local_hostname=OUR_NAME)
        self._smtp.sock = wire  # type: ignore[assignment] # it has the methods of a socket that smtplib uses
        # ASCII is the same in it; other addresses are sent only where the server offers SMTPUTF8.
        self._smtp.command_encoding = "utf-8"

    @property
    def features(self) -> dict[str, str]:
        """What the server offers by EHLO: names in small letters, with their parameters."""
        return self._smtp.esmtp_features

    @property
    def certificate(self) -> Certificate | None:
        """The server's, once encrypted."""
        return self._wire.certificate

    def hide(self, *secrets: str) -> None:
        """What must not be shown, should a reply repeat it."""
        self._hidden.update(secrets)

    def begin(self, step: str, seconds: float, *, after_stop: float = 0.0) -> None:
        """The next step, as in "at EHLO", and how long it may last; see `Patience.begin`."""
        self.patience.begin(f"{self.server}, {step}", seconds, after_stop=after_stop)

    def ask(self, command: str, args: str = "", *, step: str = "", seconds: float) -> Reply:
        """Sends a command and returns the reply. The step is named after the command unless given."""
        self.begin(step or f"at {command}", seconds)
        self._smtp.putcmd(command, args)
        return self.answer()

    def send(self, data: bytes) -> None:
        """Hands bytes to the kernel, all of them unless it raises."""
        self._smtp.send(data)

    def answer(self) -> Reply:
        """The next reply."""
        return self._judged(*self._smtp.getreply())

    def ehlo(self, seconds: float) -> Reply:
        """Says EHLO; `features` follow from the reply."""
        self.begin("at EHLO", seconds)
        try:
            return self._judged(*self._smtp.ehlo())
        except smtplib.SMTPServerDisconnected as error:  # smtplib's word for an empty line
            raise self.patience.lost("nonsense", "its answer is empty") from error

    def start_tls(self, context: ssl.SSLContext, host: str) -> str:
        """Encrypts what follows; see `Wire.start_tls`."""
        return self._wire.start_tls(context, host, self.server)

    def close(self) -> None:
        """Closes the connection at once."""
        self._wire.close()

    def _judged(self, code: int, raw: bytes) -> Reply:
        reply = Reply(code, cleaned(raw, self._hidden), raw)
        if not 200 <= code < 600:
            raise self.patience.lost("nonsense", f"what it said is no SMTP reply: “{reply.text}”")
        return reply
