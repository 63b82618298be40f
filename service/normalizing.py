"""Text as it arrives -> one canonical string, once, at the edge."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from models.errors import DiemtinError


class EmptyText(DiemtinError):
    """There is nothing to translate."""


class LegacyEncoding(DiemtinError):
    """The text's letters are not Unicode ones: an old font's, or bytes read the wrong way."""

    def __init__(self, encoding: str, remedy: str) -> None:
        """Name the encoding, and what the sender can do."""
        self.encoding = encoding
        super().__init__(f"The text is in {encoding}, not in Unicode. {remedy}")


@dataclass(frozen=True)
class _Legacy:
    encoding: str
    remedy: str
    word: re.Pattern[str]  # found in a word that this encoding writes and few languages do
    share: float  # of such words; from here on the text is taken to be in this encoding


_CONVERT = (
    "Convert it to Unicode first, in your editor or with UniKey's toolkit "
    "(Ctrl+Shift+F6, source {}, target Unicode), then send it again."
)
_LEGACY = (
    _Legacy(
        "UTF-8 that was read as Windows-1252",
        "Open the original file as UTF-8, copy the text from there, and send it again.",
        re.compile("á[»º]|Ä[\u0090\u0192©‘]|Æ[°¡]|Ã[\u0080-\u00bf]"),
        0.3,
    ),
    _Legacy(
        # A mark is written as a letter after its vowel ("Vieät", "tröôûng"), đ as ñ. Left out are
        # oà, oá and oã, which correct Vietnamese has too ("hoàn toàn"), and French "où".
        "the VNI font encoding",
        _CONVERT.format("VNI Windows"),
        re.compile(
            "[aA][øùûõïâáàåãäêéèúüë]|[eE][øùûõïâáàåãä]|[oO][øûõïâåä]|[oO]ù(?!$)"
            "|[uUyY][øùûõ]|[ôöÔÖ][øùûõï]|ö[ôn]|^[ñÑ][aAeEiIoOuUyYôöÔÖ]"
            "|A[ØÙÛÕÏÂÁÀÅÃÄÊÉÈÚÜË]|E[ØÙÛÕÏÂÁÀÅÃÄ]|[OUÔÖ][ØÙÛÕÏ]|Ö[ÔN]"
        ),
        0.3,
    ),
    _Legacy(
        # Marked letters sit on symbols and on capitals: "ViÖt Nam", "®îc", "lµ".
        "the TCVN3 (ABC) font encoding",
        _CONVERT.format("TCVN3 (ABC)"),
        re.compile(
            "[a-zà-ÿ®][µ¸¶¹¨¾¼½»©«¬ªÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖØÜÝÞ×÷](?=[a-zà-ÿ])"
            "|[a-z][µ¸¶·¹ÆÊËÌÐÑÒÓÔÕÖØÜÝÞ×÷]$|^®[a-zà-ÿµ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË«ªÎÒÕÖß]"
        ),
        0.15,
    ),
)
_LEGACY_SAMPLE = 20_000

# Zero-width characters, directional and tag marks, soft hyphen, BOM, controls, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Eth looks like đ and some keyboards type it; no word of any language begins with a true one.
_FALSE_D = re.compile("(?<!\\w)[Ðð](?=\\w)")


def _is_word(chunk: str) -> bool:
    return any(character.isalpha() for character in chunk)


def _reject_legacy(text: str) -> None:
    chunks = text[:_LEGACY_SAMPLE].split()
    words = [chunk.strip("\"'“”‘’.,;:!?()[]…-–") for chunk in chunks if _is_word(chunk)]
    for legacy in _LEGACY:
        found = sum(1 for word in words if legacy.word.search(word))
        if found and found >= legacy.share * len(words):
            raise LegacyEncoding(legacy.encoding, legacy.remedy)


def normalize(text: str) -> str:
    """The text in NFC with plain line ends and spaces, and nothing invisible in it.

    Tone marks stay on the vowel that the writer chose ("hoà" is not "hòa" here).

    Raises:
        EmptyText: nothing visible is left.
        LegacyEncoding: the letters are VNI's or TCVN3's, or are wrongly read UTF-8.
    """
    visible = _INVISIBLE.sub("", text)
    spaced = _SPACE.sub(" ", _LINE_END.sub("\n", visible))
    normalized = _FALSE_D.sub(
        lambda match: "Đ" if match[0] == "Ð" else "đ", unicodedata.normalize("NFC", spaced)
    )
    _reject_legacy(normalized)
    if not normalized.strip():
        raise EmptyText("The text is empty. Send the news item's text.")
    return normalized
