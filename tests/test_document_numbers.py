import pytest

from models.document_numbers import restore_document_numbers


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (
            "theo Nghị quyết số 254/2025/NQ-HĐND,",
            "under Resolution No. 254/2025/NQ-HND,",
            "under Resolution No. 254/2025/NQ-HDND,",
        ),
        ("Công điện 27/CĐ-UBND.", "Dispatch 27/CDO-UBND.", "Dispatch 27/CD-UBND."),
        ("Nghị quyết 57-NQ/TW", "Resolution 57-NQ-TW", "Resolution 57-NQ/TW"),
        ("Nghị quyết 57-NQ/TW", "Resolution 57-NQ/TW's aims", "Resolution 57-NQ/TW's aims"),
        (
            "Kế hoạch 12/KH-UBND và Quyết định 14/QĐ-UBND",
            "Plan 12/KHH-UBND and Decision 14/QD-UBN",
            "Plan 12/KH-UBND and Decision 14/QD-UBND",
        ),
    ],
)
def test_symbols_are_those_of_the_source(source, target, expected):
    assert restore_document_numbers(source, target) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Công điện 27/CĐ-UBND.", "Dispatch 28/CDO-UBND."),  # another number: the checks tell
        ("Quyết định 12/QĐ-UBND, Kế hoạch 12/KH-UBND", "Decision 12/QD-UBD"),
        ("Ngày 2/9, 3/5 xã có điện.", "On September 2, 3/5 of the communes had power."),
        ("Quốc lộ 14-C", "National Highway 14-B"),  # no document
    ],
)
def test_what_is_in_doubt_is_left_alone(source, target):
    assert restore_document_numbers(source, target) == target
