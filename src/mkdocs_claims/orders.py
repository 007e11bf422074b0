"""Orders: what a server is told to do, as it goes through a socket."""

import socket
import struct
from enum import IntEnum

__all__ = ["Order", "receive", "send"]

_HEADER = struct.Struct("!BII")
"""The order, the number that it is about, and the length of what follows it."""


class Order(IntEnum):
    """What a server is told to do."""

    PREPARE = 0
    """To import what files need; what follows are the settings, and a folder for the children."""
    RUN = 1
    """To fork a child for a job without checks; what follows is the job, and a pipe comes along."""
    CHECK = 2
    """The same, for a job of a check module."""
    ABORT = 3
    """To end a child so that it can say in which line it was."""
    KILL = 4
    """To end a child at once."""
    EXPECT = 5
    """To get ready for a number of jobs; how many are of check modules, follows."""
    SWEEP = 6
    """To end the processes that were left behind."""


def send(
    control: socket.socket, order: Order, number: int, content: bytes = b"", *descriptors: int
) -> None:
    """Send an order.

    Raises:
        OSError: the other side is gone.
    """
    header = _HEADER.pack(order, number, len(content))
    if descriptors:
        socket.send_fds(control, [header], descriptors)
        control.sendall(content)
    else:
        control.sendall(header + content)


def receive(control: socket.socket) -> tuple[int, int, bytearray, list[int]] | None:
    """Wait for an order: what to do, its number, what follows it, and the descriptors it brings.

    None is returned when the other side is gone.
    """
    header, descriptors, _, _ = socket.recv_fds(control, _HEADER.size, 1)
    if len(header) < _HEADER.size:
        return None
    what, number, size = _HEADER.unpack(header)
    content = bytearray()
    while len(content) < size:  # a signal may end any wait before all is there
        part = control.recv(size - len(content))
        if not part:
            return None
        content += part
    return what, number, content, descriptors
