"""Numbers of documents, such as 27/CĐ-UBND: a model drops or adds a letter of their symbols."""

from __future__ import annotations

import re
import unicodedata

from models.name_letters import fold_diacritics

# Figures, perhaps a year, and the symbols of the kind of document and of who issued it
# (Decree 30/2020/ND-CP on clerical work, Appendix III).
_DOCUMENT = re.compile(
    r"(?<![\w/.-])(\d{1,5}(?:/\d{4})?)([/-](?=[A-ZĐ]{2})\w+(?:[/-][A-ZĐ]\w*)*)(?![\w/])"
)


def restore_document_numbers(source: str, target: str) -> str:
    """The target with the symbols of each number of a document as the source has them.

    Only where they belong together beyond doubt: the same figures, once on either side.
    """
    right = _by_figures(fold_diacritics(unicodedata.normalize("NFC", source)))
    wrong = _by_figures(target)
    for figures, symbols in right.items():
        if len(symbols) == 1 and len(wrong.get(figures, ())) == 1 and symbols != wrong[figures]:
            [new], [old] = symbols, wrong[figures]
            whole = rf"(?<![\w/.-]){re.escape(figures + old)}(?![\w/])"
            target = re.sub(whole, figures + new, target)
    return target


def _by_figures(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _DOCUMENT.finditer(text):
        found.setdefault(match[1], set()).add(match[2])
    return found
