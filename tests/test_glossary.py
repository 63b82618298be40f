"""Glossary files as editors and spreadsheets save them, and what is said of bad ones."""

import pytest

from models import glossary
from models.errors import BadConfig
from models.glossary import MOST_ENTRIES, MOST_FILE_BYTES, MOST_TERM_CHARACTERS, load_entries
from models.lexicon import Entry

WANTED = [(("lúa nếp",), "sticky rice"), (("lúa tẻ",), "plain, white rice")]
PLAIN = 'source,target\nlúa nếp,sticky rice\nlúa tẻ,"plain, white rice"\n'
TABBED = "source\ttarget\nlúa nếp\tsticky rice\nlúa tẻ\tplain, white rice\n"
FORMS = {
    "plain": PLAIN.encode(),
    "excel": PLAIN.replace("\n", "\r\n").encode("utf-8-sig"),
    "old mac": PLAIN.replace("\n", "\r").encode(),
    "semicolons": TABBED.replace("\t", ";").replace("\n", "\r\n").encode("utf-8-sig"),
    "tabs": TABBED.encode(),
    "excel's unicode text": TABBED.replace("\n", "\r\n").encode("utf-16"),
    "other names, other order": (
        b'EN,No.,VI\nsticky rice,1,l\xc3\xbaa n\xe1\xba\xbfp\n"plain, white rice",2,'
        b"l\xc3\xbaa t\xe1\xba\xbb\n"
    ),
    "padded": (
        'source,target\n lúa  nếp ,"sticky\nrice",,\n,,,\n,\nlúa tẻ,"plain, white rice",\n'.encode()
    ),
    "without a last line's end": PLAIN.rstrip().encode(),
}


def write(folder, data, name="terms.csv"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_csv_says_the_same(tmp_path, form):
    found = load_entries(write(tmp_path, FORMS[form]))
    assert [(one.vi, one.en) for one in found] == WANTED


def test_more_columns_say_what_else_is_right_and_whether_capitals_count(tmp_path):
    text = "target;case;note;accept;source\nParty;TRUE;a;the CPV | CPV;Đảng\nrice;;b;;lúa\n"
    assert load_entries(write(tmp_path, text)) == (
        Entry(("Đảng",), "Party", ("the CPV", "CPV"), "user", case=True),
        Entry(("lúa",), "rice", (), "user"),
    )


LONG = "x" * (MOST_TERM_CHARACTERS + 1)
BAD = [
    ("lúa,rice\n", "line 1: the first row must name the columns"),
    ("source|target\nlúa|rice\n", "line 1: the first row"),
    ("source,source,target\na,b,c\n", "line 1: the first row"),
    ("\nsource,target\nlúa,rice\n", "line 1: the first row"),
    ("source,target\n\nlúa,rice\nngô\n", "line 4: 2 columns wanted, 1 found"),
    ("source,target\nlúa,rice, white\n", "line 2: 2 columns wanted, 3 found; quote"),
    ('source,target\n"lúa\nnếp",rice\nngô,\n', "line 4: 'en'"),
    ("source,target\nlúa,rice\n?!,rice\n", "line 3: 'vi'"),
    ("source,target,case\nlúa,rice,maybe\n", "line 2: 'case' must be true or false"),
    (f"source,target\nlúa,{LONG}\n", "line 2: 'en' has at most 200 characters"),
    (f"source,target\nlúa,rice\n{LONG},rice\n", "line 3: 'vi' has at most 200 characters"),
    ("source,target\nlúa,rice\nngô,corn\nLúa,paddy\n", "line 4: the same source as in line 2"),
    ("source,target\nhoà bình,peace\nHòa Bình,calm\n", "line 3: the same source as in line 2"),
    ('source,target\n"lúa,rice\n', "line 2: "),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_csv_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(BadConfig) as caught:
        load_entries(write(tmp_path, text))
    assert f"terms.csv, {message}" in str(caught.value)


CORN = """a = [
  { vi = ["ngô", "bắp"], en = "corn" },
]
b = [
  { vi = ["bắp"], en = "maize" },
]
"""
STATES = """[[a]]
vi = ["Mỹ"]
en = "US"
case = true
[[a]]
vi = ["Mỹ"]
en = "USA"
case = true
"""
CONTRADICTIONS = [(CORN, 5), (STATES, 5)]


@pytest.mark.parametrize(("text", "line"), CONTRADICTIONS)
def test_entries_of_toml_that_contradict_each_other_are_named(tmp_path, text, line):
    with pytest.raises(BadConfig, match=f"line {line}: the same source as in line"):
        load_entries(write(tmp_path, text, "terms.toml"))


def test_what_differs_in_capitals_or_repeats_the_target_is_no_contradiction(tmp_path):
    text = "source,target,case\nmỹ,fine,\nMỹ,US,yes\nlúa,Rice,\nlúa,rice,\n"
    assert len(load_entries(write(tmp_path, text))) == 4


def test_size_is_limited(tmp_path):
    rows = "".join(f"từ {number},word {number}\n" for number in range(MOST_ENTRIES))
    path = write(tmp_path, f"source,target\n{rows}")
    assert len(load_entries(path)) == MOST_ENTRIES
    with pytest.raises(BadConfig, match="at most 20,000 entries"):
        load_entries(write(tmp_path, f"source,target\n{rows}thêm,more\n"))
    padding = "#" * (MOST_FILE_BYTES - 2)
    assert load_entries(write(tmp_path, f"{padding}\n", "a.toml")) == ()
    with pytest.raises(BadConfig, match="at most 8 MiB"):
        load_entries(write(tmp_path, f"{padding}##\n", "a.toml"))


def test_the_columns_are_described_where_files_are_read():
    for word in ("20,000", "8 MiB", "200 characters", "accept", "ignored"):
        assert word in glossary.__doc__
