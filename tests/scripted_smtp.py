"""A plain mail server on loopback that answers as it is told, command by command."""

import socketserver
import threading
from collections.abc import Sequence

from dashboard.settings import MailServer


class ScriptedSmtp(socketserver.ThreadingTCPServer):
    """`answers` by command or whole line in small letters (`end`: after the content); `accepted` is what was taken.

    What `end` says is said to mails of several recipients only.
    """

    daemon_threads = True

    def __init__(self, answers: dict[str, str], features: Sequence[str] = ()) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.answers = answers
        self.features = features
        self.accepted: list[tuple[list[str], bytes]] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def settings(self) -> MailServer:
        return MailServer("127.0.0.1", self.server_address[1], "reports@x.io", "none")

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(10)


class _Talk(socketserver.StreamRequestHandler):
    server: ScriptedSmtp

    def handle(self) -> None:
        self.to: list[str] = []
        self.answer("220 hello")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].lower()
            told = self.server.answers.get(line.lower()) or self.server.answers.get(verb)
            self.answer(told or getattr(self, f"on_{verb}", self.on_other)(line))
            if verb == "quit" or (told or "").startswith("421"):
                return

    def answer(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def on_other(self, _line: str) -> str:
        return "250 ok"

    def on_ehlo(self, _line: str) -> str:
        return "\r\n".join(["250-here", *(f"250-{name}" for name in self.server.features), "250 8BITMIME"])

    def on_rcpt(self, line: str) -> str:
        self.to.append(line.partition("<")[2].partition(">")[0])
        return "250 ok"

    def on_data(self, _line: str) -> str:
        self.answer("354 go on")
        content = b"".join(iter(self.rfile.readline, b".\r\n"))
        to, self.to = self.to, []
        refusal = self.server.answers.get("end") if len(to) > 1 else None
        if refusal is None:
            self.server.accepted.append((to, content))
        return refusal or "250 accepted"
