import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import pytest

from tests.fidelity_cases import KINDS, SPLITS, Case, load_cases

CASES = {split: load_cases(split) for split in SPLITS}
EVERY = [case for split in SPLITS for case in CASES[split]]
CORRUPTED = [case for case in EVERY if not case.is_right]
LEAST = {
    "right": 100,
    "number": 20,
    "date": 15,
    "time": 10,
    "name": 20,
    "untranslated": 8,
    "omission": 25,
    "repetition": 6,
    "negation": 16,
    "addition": 6,
}


def contains_words(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def ids(cases: Iterable[Case]) -> list[str]:
    return [case.id for case in cases]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_split_has_enough_of_each_kind(split: str, kind: str) -> None:
    assert Counter(case.kind for case in CASES[split])[kind] >= LEAST[kind]


def test_every_kind_is_known_and_the_set_is_large() -> None:
    assert {case.kind for case in EVERY} == set(KINDS)
    assert len(EVERY) >= 440


def test_ids_are_unique_and_tell_the_split() -> None:
    assert len(set(ids(EVERY))) == len(EVERY)
    for split in SPLITS:
        assert all(re.fullmatch(rf"{split[0]}\d{{3}}", name) for name in ids(CASES[split]))


def test_missing_is_verbatim_in_the_source_and_invented_in_the_target() -> None:
    faulty = [
        case.id
        for case in EVERY
        if not all(contains_words(case.source, words) for words in case.missing)
        or not all(contains_words(case.target, words) for words in case.invented)
    ]
    assert faulty == []


def test_texts_are_composed_trimmed_and_of_a_segment_length() -> None:
    texts = [text for case in EVERY for text in (case.source, case.target, case.note)]
    assert [text for text in texts if text != unicodedata.normalize("NFC", text).strip()] == []
    assert [case.id for case in EVERY if not 8 <= len(case.source.split()) <= 60] == []


def test_a_corrupted_case_says_what_is_wrong() -> None:
    assert [case.id for case in CORRUPTED if not case.note] == []
    spanless = [case for case in CORRUPTED if not (case.missing or case.invented)]
    assert [case.id for case in spanless if case.kind != "repetition"] == []


def test_a_right_case_has_nothing_missing_or_invented() -> None:
    assert [case.id for case in EVERY if case.is_right and (case.missing or case.invented)] == []


def test_untranslated_cases_carry_the_run_that_was_left_in() -> None:
    left_in = [case for case in EVERY if case.kind == "untranslated"]
    assert [case.id for case in left_in if not (case.missing and case.invented)] == []


@pytest.mark.parametrize("split", SPLITS)
def test_a_source_comes_at_most_twice_once_right_once_corrupted(split: str) -> None:
    kinds: dict[str, list[str]] = {}
    for case in CASES[split]:
        kinds.setdefault(case.source, []).append(case.kind)
    twice = [found for found in kinds.values() if len(found) > 1]
    assert len(twice) <= 40
    assert all(len(found) == 2 and found.count("right") == 1 for found in twice)


def test_the_splits_share_no_source_and_no_target() -> None:
    dev, held = CASES["dev"], CASES["held"]
    assert not {case.source for case in dev} & {case.source for case in held}
    assert not {case.target for case in dev} & {case.target for case in held}


def test_no_target_is_labelled_twice() -> None:
    assert len({(case.source, case.target) for case in EVERY}) == len(EVERY)
