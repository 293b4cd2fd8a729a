"""A small mail server on a real socket, which keeps what it is sent; it refuses recipients of one domain."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Received:
    """Where the server listens, and the messages it took: recipients and text."""

    port: int
    messages: list[tuple[list[str], str]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[Received]:
    """Serves as long as the block lasts."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            to: list[str] = []
            for raw in self.rfile:
                line = raw.decode().strip()
                match line.upper().split(" ")[0].split(":")[0]:
                    case "RCPT" if "refused.example" in line:
                        self._say("550 no such mailbox")
                    case "RCPT":
                        to.append(line.split("<")[1].split(">")[0])
                        self._say("250 ok")
                    case "DATA":
                        self._say("354 go on")
                        text = []
                        while (part := self.rfile.readline().decode()) not in (".\r\n", ""):
                            text.append(part)
                        received.messages.append((to, "".join(text)))
                        to = []
                        self._say("250 taken")
                    case "QUIT":
                        self._say("221 bye")
                        return
                    case _:
                        self._say("250 ok")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        received = Received(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
