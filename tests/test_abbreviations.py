import pytest

from models.abbreviations import MOST_FORMS, add_abbreviations
from models.entries import Entry
from models.lexicon import PLACE_NAMES, Lexicon, load_lexicon


@pytest.mark.parametrize(
    ("source", "english"),
    [
        ("Viện KSND tỉnh", "Provincial People's Procuracy"),
        ("VKSND tỉnh", "Provincial People's Procuracy"),
        ("Ủy ban nhân dân tỉnh", "Provincial People's Committee"),
        ("Chủ tịch HĐND tỉnh", "Chairman of the Provincial People's Council"),
        ("Phòng CSGT", "Traffic Police Division"),
        ("Sở GD&ĐT", "Department of Education and Training"),
        ("Sở GD-ĐT", "Department of Education and Training"),
    ],
)
def test_a_term_is_found_in_full_and_abbreviated(source, english):
    [match] = load_lexicon().find(source)
    assert (match.text, match.entry.en) == (source, english)


def test_two_abbreviations_in_one_term_are_both_put_in():
    entry = Entry(("Ban Chấp hành Liên đoàn Lao động tỉnh",), "Executive Board")
    [done] = add_abbreviations([entry])
    assert {"BCH LĐLĐ tỉnh", "BCH Liên đoàn Lao động tỉnh"} <= set(done.vi)


def test_a_form_stays_with_the_entry_that_has_it():
    police = Entry(("Cảnh sát giao thông tỉnh",), "police")
    other = Entry(("CSGT tỉnh",), "something else")
    [match] = Lexicon(add_abbreviations([other, police])).find("CSGT tỉnh")
    assert match.entry.en == "something else"


def test_a_short_abbreviation_alone_is_no_term():
    [done] = add_abbreviations([Entry(("cảnh sát",), "police")])
    assert done.vi == ("cảnh sát",)


def test_domains_may_be_kept_out():
    entry = Entry(("thành phố Huế",), "Hue", domain=PLACE_NAMES)
    assert add_abbreviations([entry], kept_out=[PLACE_NAMES]) == [entry]


def test_no_built_in_term_has_signs_run_together():
    forms = [form for entry in load_lexicon().entries for form in entry.vi]
    assert not [form for form in forms if ".." in form or "&&" in form]
    assert max(len(entry.vi) for entry in load_lexicon().entries) < MOST_FORMS
