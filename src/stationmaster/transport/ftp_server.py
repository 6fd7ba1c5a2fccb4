"""The FTP listener for files: what the HTTP one does, for stations that know nothing else (N01.FR.14; passive only).

pyftpdlib runs in a thread of its own, with a loop of its own; whatever is to be decided or kept is asked of the event
loop, one step at a time. A session sees one transfer and no file system: whatever path it names is a label. Bytes are
taken as they are, also from clients that forget to ask for binary. A file is answered for (226) once it is stored for
good.
"""

import asyncio
import errno
import logging
import posixpath
import threading
import warnings
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import Transfer, TransferRefused
from stationmaster.transport.file_server import Files, Receiving

with warnings.catch_warnings():  # it stands upon asyncore, which Python 3.11 still has, and complains of
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.exceptions import AuthenticationFailed  # type: ignore[import-untyped]
    from pyftpdlib.filesystems import AbstractedFS, FilesystemError  # type: ignore[import-untyped]
    from pyftpdlib.handlers import DTPHandler, FTPHandler  # type: ignore[import-untyped]
    from pyftpdlib.ioloop import IOLoop  # type: ignore[import-untyped]
    from pyftpdlib.servers import FTPServer as Listener  # type: ignore[import-untyped]

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

MAX_CONNECTIONS = 200
IDLE_S = 60
STEP_S = 30.0
"""How long one step of the event loop may take before the client is told that it failed."""
_COMMANDS = (
    "USER PASS QUIT SYST FEAT NOOP OPTS TYPE MODE STRU PWD XPWD CWD XCWD CDUP XCUP PASV EPSV REST STOR RETR SIZE LIST "
    "NLST ALLO ABOR HELP STAT"
)
_ERRORS = {"too_big": errno.EFBIG, "full": errno.ENOSPC}


class _Loop:
    """The event loop, as the thread of pyftpdlib sees it."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._loop = asyncio.get_running_loop()
        self.closing = False

    def do(self, step: Coroutine[Any, Any, Result]) -> Result:
        """Have it done there, and wait for it. Raises what it raises; TimeoutError."""
        if self.closing:
            step.close()
            raise TimeoutError("the server is closing")
        future = asyncio.run_coroutine_threadsafe(step, self._loop)
        try:
            return future.result(STEP_S)
        except TimeoutError:
            future.cancel()
            raise


class _Incoming:
    """A file as pyftpdlib writes it."""

    def __init__(self, loop: _Loop, receiving: Receiving, name: str) -> None:
        self._loop = loop
        self._receiving = receiving
        self._finished = False
        self.name = name
        self.closed = False

    def write(self, data: bytes) -> None:
        try:
            self._loop.do(self._receiving.write(data))
        except TransferRefused as refused:
            raise OSError(_ERRORS.get(refused.reason, errno.EACCES), refused.reason) from None
        except TimeoutError:
            raise OSError(errno.EIO, "too slow") from None

    def finish(self) -> None:
        """All of it came. Raises StorageFailed, OSError."""
        self._finished = True
        self._loop.do(_finished(self._receiving))

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            if not self._finished:
                self._loop.do(self._receiving.abort())


async def _finished(receiving: Receiving) -> None:
    await receiving.finish()


class _Outgoing:
    """A file as pyftpdlib reads it."""

    def __init__(self, loop: _Loop, transfer: Transfer, size: int, name: str) -> None:
        self._loop = loop
        self._transfer = transfer
        self._size = size
        self._start = 0
        self._portions: AsyncIterator[bytes] | None = None
        self._left = b""
        self.name = name
        self.closed = False

    def seek(self, start: int) -> None:
        self._start = start

    def read(self, size: int) -> bytes:
        if self._portions is None:
            self._portions = self._loop.files.read(self._transfer, self._start, self._size)
        if not self._left:
            self._left = self._loop.do(_next(self._portions))
        data, self._left = self._left[:size], self._left[size:]
        return data

    def close(self) -> None:
        self.closed = True


async def _next(portions: AsyncIterator[bytes]) -> bytes:
    return await anext(portions, b"")


class _OneTransfer(AbstractedFS):  # type: ignore[misc]
    """What a session sees: any directory it likes, nothing in them, and the one file of its transfer."""

    def __init__(self, root: str, cmd_channel: "_Session") -> None:
        super().__init__("/", cmd_channel)
        self._session = cmd_channel

    def ftp2fs(self, ftppath: str) -> str:
        return posixpath.normpath(posixpath.join("/", self.cwd, ftppath))

    def fs2ftp(self, fspath: str) -> str:
        return fspath

    def validpath(self, path: str) -> bool:
        return True

    def realpath(self, path: str) -> str:
        return path

    def chdir(self, path: str) -> None:
        self.cwd = path

    def listdir(self, path: str) -> list[str]:
        return []

    def isdir(self, path: str) -> bool:
        return True

    def isfile(self, path: str) -> bool:
        return self._session.transfer.purpose == "firmware"

    def getsize(self, path: str) -> int:
        return self._session.loop.do(self._size())

    def lstat(self, path: str) -> None:
        raise FilesystemError("nothing is shown")

    def open(self, filename: str, mode: str) -> _Incoming | _Outgoing:
        """For STOR (wb) and RETR (rb); what would append to a file or overwrite a part of it is refused."""
        session, transfer = self._session, self._session.transfer
        try:
            if (mode, transfer.purpose) == ("wb", "upload"):
                name = posixpath.basename(filename)
                receiving = session.loop.do(session.loop.files.receive(transfer, name or None))
                return _Incoming(session.loop, receiving, filename)
            if (mode, transfer.purpose) == ("rb", "firmware"):
                return _Outgoing(session.loop, transfer, session.loop.do(self._size()), filename)
        except (TransferRefused, TimeoutError) as refused:
            raise FilesystemError(f"refused: {refused}") from None
        raise FilesystemError("not allowed")

    async def _size(self) -> int:
        return await self._session.loop.files.offered_size(self._session.transfer)


class _Data(DTPHandler):  # type: ignore[misc]
    timeout = IDLE_S

    def handle_close(self) -> None:
        """The sender has closed the connection, which is how FTP ends a file: it is stored before that is answered."""
        file = self.file_obj
        if not self._closed and self.receive and isinstance(file, _Incoming):
            try:
                file.finish()
            except (StorageFailed, OSError, TimeoutError) as failure:
                log.warning("file not stored", reason=str(failure))
                self._resp = ("451 The file could not be stored.", log.debug)
                self.close()
                return
        super().handle_close()


class _Session(FTPHandler):  # type: ignore[misc]
    """``loop`` is set in a class of each server."""

    loop: _Loop
    transfer: Transfer
    abstracted_fs = _OneTransfer
    dtp_handler = _Data
    proto_cmds = {name: row for name, row in FTPHandler.proto_cmds.items() if name in _COMMANDS.split()}  # noqa: RUF012
    banner = "ready"
    timeout = IDLE_S
    max_login_attempts = 3
    use_sendfile = False

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        super().__init__(conn, server, ioloop)
        self._current_type = "i"

    def ftp_TYPE(self, line: str) -> None:
        """Whatever is asked for: no client means that its file should be changed."""
        self.respond("200 Type set to: Binary.")


class _OwnTransfer:
    """Who may log in: whoever has the credentials of a transfer. Fulfils what pyftpdlib calls an authorizer."""

    def validate_authentication(self, username: str, password: str, handler: _Session) -> None:
        try:
            handler.transfer = handler.loop.do(_admitted(handler.loop.files, username, password, handler.remote_ip))
        except (TransferRefused, StorageFailed, TimeoutError):
            raise AuthenticationFailed("Authentication failed.") from None

    def get_home_dir(self, username: str) -> str:
        return "/"

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        """Enter, list, read, write; which of these a transfer allows is decided when a file is opened."""
        return perm in "elrw"

    def get_perms(self, username: str) -> str:
        return "elrw"

    def get_msg_login(self, username: str) -> str:
        return "Login successful."

    def get_msg_quit(self, username: str) -> str:
        return "Goodbye."

    def impersonate_user(self, username: str, password: str) -> None:
        """There are no such users here."""

    def terminate_impersonation(self, username: str) -> None:
        """There are no such users here."""


async def _admitted(files: Files, username: str, password: str, address: str) -> Transfer:
    try:
        return await files.admit(username, password, "upload", address)
    except TransferRefused as refused:
        if refused.reason != "wrong_purpose":
            raise
    return await files.admit(username, password, "firmware", address)


class FtpServer:
    """A listener that is up. Made by :func:`serve_ftp`."""

    def __init__(self, listener: Any, loop: _Loop) -> None:
        self._listener = listener
        self._loop = loop
        self._thread = threading.Thread(target=self._serve, name="ftp", daemon=True)
        self.port: int = listener.address[1]
        self._thread.start()

    async def close(self) -> None:
        """Stop listening and hang up; what was not stored for good by then was not answered for either."""
        self._loop.closing = True
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        while not self._loop.closing:
            self._listener.ioloop.loop(timeout=0.2, blocking=False)
        self._listener.close_all()


async def serve_ftp(
    files: Files, host: str, port: int, *, passive_ports: Sequence[int] = (), address: str | None = None
) -> FtpServer:
    """Listen on a host and port (0: any free one). ``passive_ports``: where data connections may come in, else
    anywhere; ``address``: the one that stations are told to connect to, where it is not our own. Raises OSError."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    loop = _Loop(files)
    session = type(
        "Session",
        (_Session,),
        {
            "loop": loop,
            "authorizer": _OwnTransfer(),
            "passive_ports": list(passive_ports) or None,
            "masquerade_address": address,
        },
    )
    listener = Listener((host, port), session, ioloop=IOLoop())
    listener.max_cons = listener.max_cons_per_ip = MAX_CONNECTIONS
    return FtpServer(listener, loop)
