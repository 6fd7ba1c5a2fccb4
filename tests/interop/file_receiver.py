"""A web server made with the standard library: where a foreign CSMS has logs brought to and firmware fetched from."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

USER, PASSWORD = "log", "s3cret"


class Receiver(ThreadingHTTPServer):
    """``files`` that came and are offered, by path. Others than USER are refused."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.files: dict[str, bytes] = {}

    def address(self, path: str, password: str = PASSWORD) -> str:
        return f"http://{USER}:{password}@127.0.0.1:{self.server_port}{path}"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._is_known():
            self.server.files[self.path] = body
            self._answer(201)

    def do_GET(self) -> None:
        if self._is_known():
            content = self.server.files.get(self.path)
            self._answer(404 if content is None else 200, content or b"")

    def _is_known(self) -> bool:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        known = self.headers.get("Authorization") == wanted
        if not known:
            self._answer(401)
        return known

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Not on the test's output."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
