import pytest

from models.plain_letters import forbidden_entries, forbidden_ids, is_byte_level, is_plain
from tests.torch_lab import engine_of


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Plain English, 100%.", True),
        ("▁word", True),
        ("“quoted” – it’s 5 °C, 3 km², €7…", True),
        ("3 × 4 ÷ 2", True),
        ("café", False),
        ("Đắk", False),
        ("đ", False),
        ("ê\u0301", False),
        ("e\u0301", False),
        ("重庆", False),
        ("。", False),
        ("ª", False),
        ("Жук", False),
        ("٣", False),
    ],
)
def test_what_is_plain(text, plain):
    assert is_plain(text) is plain


def spelled(text):
    """The text as the entries of a byte-level vocabulary spell it."""
    from tokenizers import pre_tokenizers

    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pieces.pre_tokenize_str(text)[0][0]


@pytest.mark.parametrize(
    ("entry", "forbidden"),
    [
        ("Ġword", False),
        (spelled(" Lắk"), True),
        (spelled("à"), True),
        (spelled("à")[:1], True),  # 0xC3: leads a letter, whatever follows
        (spelled("ắ")[:2], True),
        (spelled("đ")[0], True),
        (spelled("–"), False),
        (spelled("–")[:1], False),
        (spelled("–")[1:], False),
        (spelled("²"), False),
        (spelled("×")[:1], True),
        (spelled("重"), True),
        (spelled("\u0301"), True),
    ],
)
def test_byte_level_entries_and_fragments_of_letters(entry, forbidden):
    vocabulary = {"Ġ": 0, "the": 1, entry: 2}
    assert is_byte_level(vocabulary)
    assert (entry in forbidden_entries(vocabulary)) is forbidden


def test_byte_pieces_that_lead_letters_are_forbidden_and_the_rest_stays():
    vocabulary = [f"<0x{byte:02X}>" for byte in range(256)] + ["▁", "▁to", "▁tỉnh"]
    forbidden = forbidden_entries(vocabulary)
    assert "<0xE1>" in forbidden
    assert "<0xC3>" in forbidden
    assert "▁tỉnh" in forbidden
    assert not {"<0x41>", "<0xE2>", "<0x80>", "▁", "▁to"} & set(forbidden)


def test_what_the_allowed_bytes_spell_holds_no_vietnamese_letter():
    vocabulary = [f"<0x{byte:02X}>" for byte in range(256)]
    allowed = {
        int(entry[3:5], 16) for entry in set(vocabulary) - set(forbidden_entries(vocabulary))
    }
    letters = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    for letter in letters + letters.upper():
        assert not set(letter.encode()) <= allowed


@pytest.mark.parametrize(("entry", "forbidden"), [("▁×", False), ("÷", False), ("Ö", True)])
def test_signs_of_arithmetic_are_no_letters(entry, forbidden):
    assert (entry in forbidden_entries(["▁", entry])) is forbidden


def test_the_unknown_token_is_forbidden_unless_it_ends_a_target():
    tokenizer = engine_of("bart")._tokenizer
    assert 3 in forbidden_ids(tokenizer, [2])
    assert not {2, 3} & set(forbidden_ids(tokenizer, [2, 3]))


def test_special_tokens_are_never_forbidden():
    assert forbidden_entries(["</s>", "tiếng"], special=["tiếng"]) == []
