"""Facts of a source in its English: which are there, which are not, which nobody gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.attribution import Paragraph
from models.coined_names import strange_to_source
from models.fidelity import Issue, IssueKind
from models.grounding import invented_values
from models.lexicon import Entry, Lexicon, term_used
from models.names import find_names, fold_diacritics, invented_names, missing_names
from models.quantities import (
    Quantity,
    compare_quantities,
    find_quantities_en,
    find_quantities_vi,
)
from models.quantity_types import DATE_KINDS
from service.benchmark import Fact, FactKind
from service.evaluation_outputs import ElementOutput

FIGURES = frozenset({FactKind.NUMBER, FactKind.DATE})

_FIGURE_WARNINGS = frozenset({IssueKind.NUMBER, IssueKind.DATE})
_WARNINGS = {
    FactKind.NUMBER: _FIGURE_WARNINGS,
    FactKind.DATE: _FIGURE_WARNINGS,
    FactKind.NAME: frozenset({IssueKind.NAME}),
    FactKind.TERM: frozenset({IssueKind.TERM}),
}
# These say that anything of the segment may be missing.
_WHOLE_WARNINGS = frozenset(
    {IssueKind.LENGTH, IssueKind.OMISSION, IssueKind.TRUNCATED, IssueKind.REPETITION}
)
# Between digits they belong to the number, which then is one word: 5 is not in 1.5.
_INNER_SIGNS = {sign: re.compile(rf"(?<=\d){re.escape(sign)}(?=\d)") for sign in ".,/:"}
_SIGN_NAMES = {".": "point", ",": "comma", "/": "slash", ":": "colon"}
_SENTENCE_START = re.compile(r"(?:^|[.!?…:\n])[\s\"“‘'(•*-]*$")
_NUMBER_SIGN = re.compile(r"\bNo\.?\s?(?=\d)", re.IGNORECASE)
_COMPOUND_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_CAPITALISED = re.compile(r"[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*")


@dataclass(frozen=True)
class FactResult:
    """Whether the English has a fact; if not, whether a warning tells the reader."""

    fact: Fact
    found: bool
    warned: bool


@dataclass(frozen=True)
class InventedFact:
    """A figure or name of the English that neither source nor reference has."""

    kind: FactKind
    text: str
    warned: bool


@dataclass(frozen=True)
class SummaryFacts:
    """The figures and names of a summary, and those that its item does not bear out."""

    total: int
    unsupported: tuple[str, ...]
    invented_names: tuple[str, ...]


def check_facts(facts: Sequence[Fact], elements: Sequence[ElementOutput]) -> list[FactResult]:
    """Look for each fact in the English of the elements whose source has its words."""
    return [_check_fact(fact, _elements_of(fact, elements)) for fact in facts]


def _check_fact(fact: Fact, elements: Sequence[ElementOutput]) -> FactResult:
    found = is_fact_in(fact, "\n".join(one.target for one in elements))
    issues = [issue for one in elements for issue in one.issues]
    return FactResult(fact, found, any(_tells_of(issue, fact) for issue in issues))


def _elements_of(fact: Fact, elements: Sequence[ElementOutput]) -> Sequence[ElementOutput]:
    """Those whose source has the fact's words; all of them where none has."""
    return [one for one in elements if _holds(one.source, fact.source)] or elements


def _holds(text: str, words: str) -> bool:
    """Whether the words stand in the text whole: 5 does not in 15 or 1,5."""
    pattern = r"\s+".join(map(re.escape, _composed(words).split()))
    whole = rf"(?<!\w)(?<!\d[.,]){pattern}(?!\w)(?![.,]\d)"
    return re.search(whole, _composed(text), re.IGNORECASE) is not None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _tells_of(issue: Issue, fact: Fact) -> bool:
    if issue.kind in _WHOLE_WARNINGS:
        return True
    value = issue.source_value
    if issue.kind not in _WARNINGS[fact.kind] or not value:
        return False
    return _holds(fact.source, value) or _holds(value, fact.source) or _overlap(value, fact.source)


def _overlap(value: str, fact: str) -> bool:
    """Whether a value ends as a fact begins: "tối thứ hai" and "thứ hai, thứ tư"."""
    words = value.split()
    ends = (" ".join(words[at:]) for at in range(1, len(words) - 1))
    return any(re.match(rf"{re.escape(end)}(?!\w)", fact, re.IGNORECASE) for end in ends)


def is_fact_in(fact: Fact, target: str) -> bool:
    """Whether the English has a fact: in one of its forms, or as the same typed value.

    Forms are compared by the stems of their words, without case, articles, hyphens and
    diacritics. A term's own place may stand elsewhere in its line: "Department of Health in
    Khanh Hoa" for "Khanh Hoa Department of Health".
    """
    lines = target.splitlines()  # no form goes on from one element to the next
    if any(_stands_in(fact.targets, line) for line in lines):
        return True
    if fact.kind in FIGURES:
        return _has_values(fact.source, target)
    names = [name.folded for name in find_names(_composed(fact.source))]
    apart = [_without(form, names) for form in fact.targets] if names else []
    return any(
        _stands_in([form for form in apart if " " in form], _without(line, names))
        for line in lines
        if all(_stands_in([name], line) for name in names)
    )


def _stands_in(forms: Sequence[str], line: str) -> bool:
    spelled = [spelling for form in forms for spelling in _spellings(form)]
    if not spelled:
        return False
    entry = Entry((), spelled[0], tuple(spelled[1:]))
    return any(term_used(entry, spelling) for spelling in _spellings(line))


def _without(english: str, names: Sequence[str]) -> str:
    """The English without names, what joins them to it, and the words for their level."""
    plain = fold_diacritics(_composed(english))
    for name in names:
        joined = rf"(?:\b(?:of|in|at|for)\s+)?(?<!\w){re.escape(name)}(?!\w)(?:['’]s)?"
        plain = re.sub(rf"{joined}(?:\s+(?:province|city)\b)?", " ", plain, flags=re.IGNORECASE)
    return " ".join(plain.split())


def _spellings(english: str) -> set[str]:
    """The text with each number as one word, and the same with compounds as one word."""
    text = _NUMBER_SIGN.sub("number ", fold_diacritics(_composed(english)))
    for sign, pattern in _INNER_SIGNS.items():
        text = pattern.sub(_SIGN_NAMES[sign], text)
    return {text, _COMPOUND_HYPHEN.sub("", text)}


def _has_values(source: str, target: str) -> bool:
    figures = [one for one in find_quantities_vi(_composed(source)) if not one.optional]
    return bool(figures) and not compare_quantities(_composed(source), target).missing


def find_invented(element: ElementOutput, reference: str) -> list[InventedFact]:
    """Figures and names of an element's English that source and reference do not have."""
    told = {issue.target_value for issue in element.issues}
    in_reference = {reading for one in find_quantities_en(reference) for reading in one.readings}
    folded = fold_diacritics(reference).casefold()
    figures = {
        one.text: _kind_of(one)
        for one in compare_quantities(element.source, element.target).invented
        if not one.readings & in_reference
    }
    names = {
        name: FactKind.NAME
        for name in strange_to_source(element.source, element.target)
        if fold_diacritics(name).casefold() not in folded
    }
    return [InventedFact(kind, text, text in told) for text, kind in (figures | names).items()]


def _kind_of(quantity: Quantity) -> FactKind:
    return FactKind.DATE if quantity.kind in DATE_KINDS else FactKind.NUMBER


def check_line(source: str, target: str, lexicon: Lexicon) -> list[FactResult]:
    """What diemtin itself reads in a source line, and whether the English has it."""
    matches = lexicon.find(source)
    names = find_names(source, matches)
    lost_names = {name.text for name in missing_names(source, target, names)}
    lost_figures = {one.start for one in compare_quantities(source, target).missing}
    figures = [one for one in find_quantities_vi(source) if not one.optional]
    found = [(Fact(_kind_of(one), one.text, ()), one.start not in lost_figures) for one in figures]
    found += [
        (Fact(FactKind.NAME, name, ()), name not in lost_names)
        for name in dict.fromkeys(name.text for name in names)
    ]
    found += [
        (Fact(FactKind.TERM, one.text, (one.entry.en, *one.entry.accept)), bool(used))
        for one in matches
        for used in [term_used(one.entry, target)]
    ]
    return [FactResult(fact, is_there, False) for fact, is_there in found]


def check_summary(
    summary: str, source: str, reference: Sequence[str], accepted: Iterable[str]
) -> SummaryFacts:
    """Hold a summary against the item: its source, its reference, every accepted English.

    The system's own English is no ground: what it invented there stays invented.
    """
    text = "\n".join((*reference, *accepted))
    figures = find_quantities_en(summary)
    written = {one.text for one in figures}
    in_figures = {word for one in written for word in one.split()}
    known = tuple(re.findall(r"\w{5,}", fold_diacritics(f"{source}\n{text}").casefold()))
    unsupported = [
        value
        for value in invented_values(summary, [Paragraph(1, source, text)])
        if value in written or not (_is_derived(value, known) or {*value.split()} <= in_figures)
    ]
    whole_names = invented_names(f"{source}\n{text}", summary)
    unsupported = [next((n for n in whole_names if one in n), one) for one in unsupported]
    unsupported = list(dict.fromkeys((*unsupported, *whole_names)))
    values = written | set(_names_of(summary, figures)) | set(unsupported)
    names = tuple(one for one in unsupported if one not in written)
    return SummaryFacts(len(values), tuple(unsupported), names)


def _is_derived(value: str, known: tuple[str, ...]) -> bool:
    """Whether every word goes on from a word of the item: Korean from Korea."""
    return all(word.isalpha() and word.casefold().startswith(known) for word in value.split())


def _names_of(summary: str, figures: Sequence[Quantity]) -> list[str]:
    """Capitalised words outside figures; a lone one that opens a sentence is no name."""
    masked = summary
    for one in figures:
        masked = masked[: one.start] + "0" * (one.end - one.start) + masked[one.end :]
    return [
        match[0].removeprefix("The ")
        for match in _CAPITALISED.finditer(masked)
        if " " in match[0] or not _SENTENCE_START.search(masked[: match.start()])
    ]
