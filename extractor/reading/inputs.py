"""One opened input: its bytes without compression and byte order mark, and what readers make of it."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any, BinaryIO, TextIO, cast

from extractor.reading.problems import Problem, ReadingError

HEAD_BYTES = 1 << 16  # enough for a header row or the first two entries of a saved page
_CHUNK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as its container gives it, text raw; `line` is where it starts, from 1."""

    line: int
    abstract: str
    title: str = ""
    id: str | None = None
    authors: list[str] = field(default_factory=list)
    date: str | None = None
    categories: list[str] = field(default_factory=list)
    doi: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """An opened input.

    `name` is how the caller named it, `file` its last part (what documents carry), `stem` that without
    suffixes, `head` its first bytes, which `stream` still has. `owned` is what has to be closed afterwards,
    if anything.
    """

    name: str
    stream: BinaryIO
    head: bytes
    owned: IO[Any] | None = None
    title_column: str | None = None
    abstract_column: str | None = None

    @property
    def file(self) -> str:
        """The file name without its directories."""
        return PurePath(self.name).name

    @property
    def suffix(self) -> str:
        """The suffix in lower case, that of compression left out."""
        return PurePath(self.file.removesuffix(".gz")).suffix.lower()

    @property
    def stem(self) -> str:
        """The file name without suffixes, from which ids are made."""
        return self.file.removesuffix(".gz").removesuffix(self.suffix).strip("<>")

    @property
    def start(self) -> str:
        """The head as text."""
        return self.head.decode("utf-8", "surrogateescape")

    def lines(self) -> Iterator[str]:
        """Lines with their ends; bytes that are not UTF-8 become lone surrogates, which no document holds."""
        for line in self.stream:
            yield line.decode("utf-8", "surrogateescape")

    def page(self) -> list[str]:
        """All lines without their ends, for inputs small enough to be held at once."""
        return [line.rstrip("\r\n") for line in self.lines()]

    def problem(self, line: int, reason: str, advice: str) -> Problem:
        """A document of this input that could not be read."""
        return Problem(self.name, line, reason, advice)

    def close(self) -> None:
        """Close what was opened for this input; a stream of the caller stays open."""
        if self.owned is not None:
            self.owned.close()


class _Bytes(io.RawIOBase):
    """Bytes read ahead, then those of a stream that others own: text as UTF-8, never closed from here."""

    def __init__(self, stream: IO[Any], ahead: bytes = b"") -> None:
        self._stream = stream
        self._ahead = ahead

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ahead or _read(self._stream, len(buffer))
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        self._ahead = data[size:]
        return size


def open_source(
    source: str | Path | BinaryIO | TextIO, *, title_column: str | None, abstract_column: str | None
) -> Input:
    """Open a path, `-` for standard input, or a stream, compressed with gzip or not.

    Raises ReadingError when the path cannot be opened or the first bytes cannot be decompressed.
    """
    if isinstance(source, str | Path) and str(source) != "-":
        name = str(source)
        raw: IO[Any] = _open_path(Path(source))
        owned: IO[Any] | None = raw
    else:
        raw, owned = (sys.stdin if isinstance(source, str | Path) else cast("IO[Any]", source)), None
        name = "<stdin>" if raw is sys.stdin else _stream_name(raw)
        raw = getattr(raw, "buffer", raw)
    try:
        head, stream = _unpacked(raw)
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        raise ReadingError(
            f"{name}: cannot be read: {error}; expected a whole file, check or fetch it again"
        ) from error
    return Input(name, stream, head, owned, title_column, abstract_column)


def _open_path(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        hint = "give each file by name" if path.is_dir() else "check the path, or give - for standard input"
        raise ReadingError(f"{path}: expected a readable file, found: {error.strerror}; {hint}") from error


def _stream_name(stream: IO[Any]) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) else "<stream>"


def _unpacked(raw: IO[Any]) -> tuple[bytes, BinaryIO]:
    """The first bytes and the whole stream, after gzip and UTF-16 are undone and a UTF-8 mark is dropped."""
    head, stream = _peeked(raw)
    if head.startswith(_GZIP_MAGIC):
        head, stream = _peeked(cast("IO[Any]", gzip.GzipFile(fileobj=stream)))
    if head.startswith(_UTF16_MARKS):
        head, stream = _peeked(io.TextIOWrapper(stream, "utf-16", newline=""))
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
        head = head.removeprefix(codecs.BOM_UTF8)
    return head, stream


def _peeked(raw: IO[Any]) -> tuple[bytes, BinaryIO]:
    head = b""
    while len(head) < HEAD_BYTES and (piece := _read(raw, HEAD_BYTES - len(head))):
        head += piece
    return head, io.BufferedReader(_Bytes(raw, ahead=head), _CHUNK_BYTES)


def _read(stream: IO[Any], size: int) -> bytes:
    data = stream.read(size) or b""
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def undecodable(text: str) -> str | None:
    """What `text` has that is no Unicode text: a byte that is not UTF-8, or half a surrogate pair."""
    match = re.search("[\ud800-\udfff]", text)
    if not match:
        return None
    code = ord(match[0])
    return f"byte 0x{code - 0xDC00:02x} is not UTF-8" if 0xDC80 <= code <= 0xDCFF else "half a surrogate pair"
