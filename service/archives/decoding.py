"""Bytes of unknown encoding -> text: strictly, and never by a guess that is not Vietnamese."""

from __future__ import annotations

import codecs
import re
import unicodedata

import charset_normalizer

from models.errors import DiemtinError
from service.archives.faults import Fault
from service.archives.items import Trouble
from service.normalizing import LegacyEncoding, normalize

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16-le", "utf-16-be")
_SAMPLE = 20_000
_DETECTED = 16_384
_CHARSETS = re.compile(r"utf|iso8859|cp\d|koi8|gb|big5|euc|shift_jis|mac_|tis-620")
_TAG = re.compile(r"<[^<>]*>")
_DECLARED = re.compile(rb"""<meta[^<>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_XML_DECLARED = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""", re.I)
_LOWER = "àáâãèéêìíòóôõùúýăđĩũơư" + "".join(map(chr, range(0x1EA1, 0x1EFA, 2)))
_LETTERS = frozenset(_LOWER + _LOWER.upper())
_OWN = frozenset(letter for letter in _LETTERS if letter in "ăđơưĂĐƠƯ" or letter >= "Ạ")
_VIETNAMESE_SHARE = 0.98  # of the letters outside ASCII: what another encoding gives is below 0.8
_OWN_SHARE = 0.25  # of these, letters that only Vietnamese has; it has 0.5 to 0.7, French none


def marked_encoding(head: bytes) -> str | None:
    """The encoding that a byte order mark tells."""
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def decode_text(data: bytes, declared: str | None = None) -> str:
    """The text of a file or field: UTF-8, else what makes it Vietnamese.

    Raises:
        Fault: it cannot be told.
    """
    try:
        return data.decode(marked_encoding(data) or "utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    encoding = None if marked_encoding(data) else find_encoding(data, declared)
    if encoding is None:
        raise undecodable(start)
    return data.decode(encoding)


def decode_page(data: bytes, declared: str | None = None) -> str:
    """The text of an HTML page, whose own word on its encoding counts; then as `decode_text`."""
    told = _XML_DECLARED.search(data[:1024]) or _DECLARED.search(data[:8192])
    name = declared or (told[1].decode("ascii", "replace") if told else None)
    return decode_text(data, name)


def undecodable(start: int) -> Fault:
    """The fault of bytes that are no text in any encoding that was tried."""
    return Fault(
        Trouble.ENCODING,
        f"It is not UTF-8 (byte {start}), and Vietnamese in no other encoding that is known. "
        "Convert it to UTF-8.",
    )


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return str(data, encoding)
    except UnicodeError:
        return None


def _known_charset(declared: str | None) -> str | None:
    """Python's name of it, if it is one that pages are written in; others may take for ever."""
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # as browsers read them
    return str(name) if _CHARSETS.match(name) else None


def find_encoding(data: bytes, declared: str | None = None, *, thorough: bool = True) -> str | None:
    """The encoding, not UTF-8, in which all the bytes are text.

    Args:
        data: the bytes.
        declared: what the file says of itself; believed if all the bytes are text in it.
        thorough: try many others too, which takes long; believed if the text is Vietnamese.
    """
    wide = _WIDE if b"\0" in data[:_SAMPLE] else ()
    declared = _known_charset(declared)
    named = () if declared is None else (declared,)
    tried: list[str] = [*named, *wide, "cp1258"]
    for encoding in tried:
        text = _decode(data, encoding)
        if text is not None and seems_vietnamese(text):
            return encoding
    tried = [*named, "cp1252"]
    for encoding in tried:
        text = _decode(data, encoding)
        if text is not None and (encoding == declared or _is_font_encoding(text)):
            return encoding
    return _detect(data) if thorough else None


def _detect(data: bytes) -> str | None:
    best = charset_normalizer.from_bytes(data[:_DETECTED]).best()
    encoding = "" if best is None else str(best.encoding)
    text = _decode(data, encoding) if encoding else None
    return encoding if text is not None and seems_vietnamese(text) else None


def seems_vietnamese(text: str, *, own_share: float = _OWN_SHARE) -> bool:
    """Whether the letters outside ASCII are Vietnamese ones, as they are in hardly any misreading.

    Args:
        text: any text.
        own_share: of these, how many only Vietnamese has.
    """
    sample = unicodedata.normalize("NFC", text[:_SAMPLE] if len(text) > _SAMPLE else text)
    marked = [one for one in sample if one > "\x7f" and unicodedata.category(one)[0] in "LMC"]
    if not marked:
        return False
    vietnamese = sum(one in _LETTERS for one in marked)
    own = sum(one in _OWN for one in marked)
    return vietnamese >= _VIETNAMESE_SHARE * len(marked) and own >= own_share * len(marked)


def _is_font_encoding(text: str) -> bool:
    """Whether it is VNI's or TCVN3's, which the pipeline names when it rejects it."""
    try:
        normalize(_TAG.sub(" ", text[:_SAMPLE]))
    except LegacyEncoding as error:
        return "font" in error.encoding
    except DiemtinError:
        return False
    return False
