"""Vietnamese and English of our own that the tiny tokenizers and the tiny model learn from."""

import random

# What the tiny model learns by heart: Vietnamese, English.
MEMORISED = [
    ("Sáng nay, mưa lớn làm ngập ba tuyến đường.", "This morning, heavy rain flooded three roads."),
    ("Huyện đã sửa xong cây cầu gỗ.", "The district has finished repairing the wooden bridge."),
    ("Giá cà phê tăng 5 phần trăm.", "Coffee prices rose by 5 percent."),
    ("Công an bắt hai nghi phạm.", "Police arrested two suspects."),
    ("Trường học mở cửa trở lại vào thứ hai.", "The school reopens on Monday."),
    ("Lễ hội hoa kéo dài bốn ngày.", "The flower festival lasts four days."),
    ("Nông dân thu hoạch lúa sớm.", "Farmers are harvesting rice early."),
    ("Bệnh viện tỉnh có thêm 120 giường.", "The provincial hospital has 120 more beds."),
    ("Một tàu cá mất liên lạc ngoài khơi.", "A fishing boat lost contact offshore."),
    ("Xã này trồng 2.500 cây xanh.", "This commune planted 2,500 trees."),
    ("Đội bóng của tỉnh thắng hai trận liền.", "The province's team won two matches in a row."),
    ("Chợ đêm thu hút nhiều du khách.", "The night market attracts many tourists."),
    ("Nắng nóng còn kéo dài đến cuối tuần.", "The heat will last until the weekend."),
    ("Đường cao tốc thông xe sau ba năm.", "The expressway opened after three years."),
    ("Người dân được vay vốn lãi suất thấp.", "Residents can borrow at low interest."),
    ("Hồ chứa nước chỉ còn một nửa.", "The reservoir is only half full."),
    ("Ủy ban tỉnh họp bàn về ngân sách.", "The provincial committee met about the budget."),
    ("Không ai bị thương trong vụ cháy.", "Nobody was hurt in the fire."),
    ("Nhà máy tuyển 300 công nhân.", "The factory is hiring 300 workers."),
    ("Bão số 7 đang tiến gần bờ biển.", "Storm No. 7 is approaching the coast."),
]

_SUBJECTS = [
    ("Ủy ban huyện", "The district committee"),
    ("Người dân vùng lũ", "People in the flooded area"),
    ("Đoàn công tác của tỉnh", "The province's delegation"),
    ("Bà con nông dân", "Local farmers"),
    ("Lực lượng cứu hộ", "Rescue workers"),
    ("Hai doanh nghiệp gỗ", "Two timber companies"),
    ("Các thầy cô giáo", "The teachers"),
    ("Sở Y tế", "The health department"),
]
_VERBS = [
    ("đã khảo sát", "surveyed"),
    ("vừa đề xuất", "has just proposed"),
    ("đang nâng cấp", "is upgrading"),
    ("sẽ hỗ trợ", "will support"),
    ("chưa kiểm tra", "has not inspected"),
    ("đã bàn giao", "handed over"),
]
_OBJECTS = [
    ("tuyến đường ven biển dài 12 km", "the 12 km coastal road"),
    ("45 hộ nghèo", "45 poor households"),
    ("vườn sầu riêng rộng 3,5 ha", "a durian orchard of 3.5 hectares"),
    ("khu tái định cư", "the resettlement area"),
    ("ba trạm bơm nước sạch", "three clean water pumps"),
    ("dự án điện gió trị giá 780 tỷ đồng", "a wind power project worth 780 billion dong"),
    ("lễ hội đua thuyền", "the boat race festival"),
    ("xưởng chế biến thủy sản", "the seafood workshop"),
]
_TIMES = [
    ("vào ngày 16/9", "on 16 September"),
    ("trước mùa mưa", "before the rainy season"),
    ("trong quý 4 năm 2024", "in the fourth quarter of 2024"),
    ("tại buổi họp báo", "at a press briefing"),
    ("từ đầu tháng 6", "since early June"),
    ("theo kế hoạch", "as planned"),
]
# Every letter and sign that a tokenizer must know.
_LETTERS = (
    "a à á ả ã ạ ă ằ ắ ẳ ẵ ặ â ầ ấ ẩ ẫ ậ e è é ẻ ẽ ẹ ê ề ế ể ễ ệ i ì í ỉ ĩ ị o ò ó ỏ õ ọ ô ồ ố ổ ỗ "
    "ộ ơ ờ ớ ở ỡ ợ u ù ú ủ ũ ụ ư ừ ứ ử ữ ự y ỳ ý ỷ ỹ ỵ đ b c d f g h j k l m n p q r s t v w x z"
)
_SIGNS = "0 1 2 3 4 5 6 7 8 9 . , : ; ? ! ' \" ( ) / % - – & + “ ” < > |"


def source_lines(count: int = 400) -> list[str]:
    """Vietnamese lines, the memorised sources among them."""
    return [vi for vi, _ in _pairs(count)] + [_LETTERS, _LETTERS.upper(), _SIGNS]


def target_lines(count: int = 400) -> list[str]:
    """English lines, the memorised targets among them."""
    alphabet = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
    return [en for _, en in _pairs(count)] + [alphabet, alphabet.upper(), _SIGNS]


def _pairs(count: int) -> list[tuple[str, str]]:
    draw = random.Random(7)
    rows = list(MEMORISED)
    while len(rows) < count:
        parts = [draw.choice(table) for table in (_SUBJECTS, _VERBS, _OBJECTS, _TIMES)]
        rows.append((" ".join(p[0] for p in parts) + ".", " ".join(p[1] for p in parts) + "."))
    return rows
