"""Texts of others on a terminal."""

import sys


def printable(text):
    """`text` on one line, with what is no visible character (control characters, bytes that are no UTF-8) written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text))


def say(text, stream=None):
    """Prints a line, in whatever encoding the stream has."""
    stream = stream or sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(printable(text).encode(encoding, "backslashreplace").decode(encoding), file=stream)
