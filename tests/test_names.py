"""Names found, missed, invented and restored, on tables of sentences of our own."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lexicon import load_lexicon
from models.names import (
    Name,
    NameKind,
    find_names,
    fold_diacritics,
    invented_names,
    missing_names,
    restore_diacritics,
)

FIND: list[tuple[str, list[str]]] = [
    # people behind offices and ranks
    ("Bí thư Tỉnh ủy Thái Đại Ngọc thăm bản.", ["Thái Đại Ngọc"]),
    ("Phó Chủ tịch UBND tỉnh Nguyễn Tự Công Hoàng chủ trì.", ["Nguyễn Tự Công Hoàng"]),
    ("Chủ tịch UBND tỉnh Gia Lai Phạm Văn Bách nói thêm.", ["Gia Lai", "Phạm Văn Bách"]),
    ("Đại tá Rơ Lan Hùng kiểm tra đơn vị.", ["Rơ Lan Hùng"]),
    ("Thiếu tướng Lê Văn Tám và Thượng tá Đỗ Huy dự lễ.", ["Lê Văn Tám", "Đỗ Huy"]),
    ("Giám đốc Công ty TNHH An Phát Tô Văn Hải dự.", ["An Phát", "Tô Văn Hải"]),
    ("Bí thư Đảng ủy xã Ia Hrú Lê Quang Vinh họp.", ["Ia Hrú", "Lê Quang Vinh"]),
    ("Đồng chí Trần Thị Bưởi đã nghỉ hưu.", ["Trần Thị Bưởi"]),
    ("Giám đốc Sở Y tế Võ Thành Công báo cáo.", ["Võ Thành Công"]),
    ("Hiệu trưởng Trường THPT Phan Bội Châu vui mừng.", ["Phan Bội Châu"]),
    ("Anh hùng Núp là người con của buôn làng.", ["Núp"]),
    ("Bác sĩ Hồ Thị Mận trực đêm.", ["Hồ Thị Mận"]),
    # people behind kinship words, and alone
    ("Ông Ngọc trồng hai sào rau.", ["Ngọc"]),
    ("Theo ông Ksor Tín, giá tăng.", ["Ksor Tín"]),
    ("Chị Lan và anh Dũng cùng làm.", ["Lan", "Dũng"]),
    ("Nguyễn Văn Lành bị bắt hôm qua.", ["Nguyễn Văn Lành"]),
    ("Bà Đinh Thị Hẹ kể lại chuyện cũ.", ["Đinh Thị Hẹ"]),
    ("Gặp Nguyễn Thị Sen ở chợ, ai cũng mến.", ["Nguyễn Thị Sen"]),
    ("Đoàn Văn Khánh đá chính.", ["Đoàn Văn Khánh"]),
    ("Hồ Văn Bảy về quê.", ["Hồ Văn Bảy"]),
    ("Tạ Văn Lộc bán hai tạ lúa.", ["Tạ Văn Lộc"]),
    ("Mai Thị Cúc đoạt giải nhất.", ["Mai Thị Cúc"]),
    # minority names
    ("Chị H'Hen Niê về thăm trường.", ["H'Hen Niê"]),
    ("Chị H’Nhung Kbuôr dệt vải.", ["H’Nhung Kbuôr"]),
    ("Y Thông Kbuôr đi rẫy.", ["Y Thông Kbuôr"]),
    ("Ông Rơ Châm Hoan nuôi bò.", ["Rơ Châm Hoan"]),
    ("Siu Hluyn học giỏi.", ["Siu Hluyn"]),
    ("Nghệ nhân Kpă Ngói đánh chiêng.", ["Kpă Ngói"]),
    ("Già làng Đinh Văn Brưnh rất vui.", ["Đinh Văn Brưnh"]),
    ("Em Rah Lan Thơm mới lên mười.", ["Rah Lan Thơm"]),
    ("Ông Puih Phyưng hiến đất.", ["Puih Phyưng"]),
    ("Anh K'Brơi lái xe.", ["K'Brơi"]),
    ("Ông A Biu làm tượng gỗ.", ["A Biu"]),
    ("Nay H'Lim hát hay.", ["Nay H'Lim"]),
    # places
    ("Mưa lớn ở Đắk Lắk và Kon Tum.", ["Đắk Lắk", "Kon Tum"]),
    ("Thường trực Đảng ủy xã Ia Dom có mặt.", ["Ia Dom"]),
    ("Cửa khẩu quốc tế Lệ Thanh đông xe.", ["Lệ Thanh"]),
    ("Xe đi qua Cửa khẩu quốc tế Bờ Y.", ["Bờ Y"]),
    ("Dân xã Đoàn Kết và xã Hội An rất đoàn kết.", ["Đoàn Kết", "Hội An"]),
    ("Chủ tịch xã Ia Dom Rơ Mah Hăng nói.", ["Ia Dom", "Rơ Mah Hăng"]),
    ("XÃ IA DOM KHỞI CÔNG TRƯỜNG MỚI", ["IA DOM"]),
    ("Các xã Sơn Kim 1, Sơn Kim 2 có lũ.", ["Sơn Kim 1", "Sơn Kim 2"]),
    ("Hợp tác xã Đoàn Kết.", []),
    ("Công an tỉnh Gia Lai bắt hai người.", ["Gia Lai"]),
    ("Tỉnh Bà Rịa - Vũng Tàu có cảng lớn.", ["Bà Rịa - Vũng Tàu"]),
    ("Hàng về Thừa Thiên - Huế rồi ra Huế.", ["Thừa Thiên - Huế", "Huế"]),
    ("Gia Lai đón khách.", ["Gia Lai"]),
    ("Lệ Thanh hôm nay đã khác.", ["Lệ Thanh"]),
    ("Tại Gia Lai, trời lạnh.", ["Gia Lai"]),
    ("Tại xã Gào, bà con thu hoạch.", ["Gào"]),
    ("Sau Gia Lai, đoàn đến Hội An.", ["Gia Lai", "Hội An"]),
    ("Hội An mưa to.", ["Hội An"]),
    ("Pleiku có sương.", ["Pleiku"]),
    ("Đoàn về TP.HCM trong đêm.", ["TP.HCM"]),
    ("Đoàn về TP. Hồ Chí Minh trong đêm.", ["TP. Hồ Chí Minh"]),
    ("Dân xã Hòa Bình mong hòa bình.", ["Hòa Bình"]),
    ("Làng Kon Sơ Lăl có nhà rông.", ["Kon Sơ Lăl"]),
    ("Huyện Chư Păh trồng cao su.", ["Chư Păh"]),
    ("Ở Tây Nguyên, mùa khô kéo dài.", ["Tây Nguyên"]),
    ("Hàng đi châu Âu, Nhật Bản và Mỹ.", ["châu Âu", "Nhật Bản", "Mỹ"]),
    ("Lào và Campuchia là bạn hàng.", ["Lào", "Campuchia"]),
    ("Ủy ban MTTQ Việt Nam tỉnh trao quà.", []),
    ("Đường Nguyễn Huệ kẹt xe.", ["Nguyễn Huệ"]),
    ("Khu Công nghiệp Trà Đa đã đầy.", ["Trà Đa"]),
    # capitals and foreign words
    ("HÀ DUY", ["HÀ DUY"]),
    ("LÊ NAM LÊ NAM", ["LÊ NAM", "LÊ NAM"]),
    ("KHỞI CÔNG ĐƯỜNG MỚI Ở GIA LAI HÔM NAY", ["GIA LAI"]),
    ("Samsung xây nhà máy.", ["Samsung"]),
    ("Dịch Covid-19 đã qua.", ["Covid-19"]),
    ("Đội bóng FLC thua trận.", ["FLC"]),
    ("Ngài Johnson gặp Vua Hastings.", ["Johnson", "Hastings"]),
    ("Dùng Google Dịch cho nhanh.", ["Google"]),
    ("Dịch vụ logistics tăng nhanh.", []),
    # no names
    ("Sau khi mưa tạnh, bà con ra đồng.", []),
    ("Đồng thời, huyện lập quỹ.", []),
    ("Chiều qua, nước rút.", []),
    ("Do đó, giá giảm.", []),
    ("Ban Quản lý Khu kinh tế tỉnh họp.", []),
    ("Sở Nông nghiệp và Môi trường hướng dẫn.", []),
    ("Phòng Quản lý hạ tầng đô thị trả lời.", []),
    ("Trung tâm Văn hóa mở cửa.", []),
    ("Luật Đất đai có hiệu lực.", []),
    ("Pháp luật nghiêm minh. Mỹ phẩm giả bị thu.", []),
    ("Xuân Bính Ngọ đã về.", []),
    ("Trường mở thêm lớp. Học sinh đến đông.", []),
    ("Lãnh đạo Bộ Y tế và Cục Thuế cùng dự.", []),
    ("Đảng và Nhà nước quan tâm.", []),
    ("Cây cầu nối hai xã. Đồng bào rất vui.", []),
    ("", []),
]


@pytest.mark.parametrize(("source", "expected"), FIND, ids=[source for source, _ in FIND])
def test_finds_names(source: str, expected: list[str]) -> None:
    assert [name.text for name in find_names(source)] == expected


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Bí thư Tỉnh ủy Thái Đại Ngọc thăm bản.", NameKind.PERSON),
        ("Phó Chủ tịch UBND tỉnh Nguyễn Tự Công Hoàng chủ trì.", NameKind.PERSON),
        ("Chị H'Hen Niê về.", NameKind.PERSON),
        ("Ông Rơ Châm Hoan nuôi bò.", NameKind.PERSON),
        ("Ông Ngọc về.", NameKind.PERSON),
        ("Chị Nga bán rau.", NameKind.PERSON),
        ("Tàu sang Nga.", NameKind.PLACE),
        ("Xã Ia Dom rộng.", NameKind.PLACE),
        ("Cửa khẩu quốc tế Lệ Thanh đông.", NameKind.PLACE),
        ("Hàng đi Trung Quốc.", NameKind.PLACE),
        ("Đặc khu Phú Quốc đông khách.", NameKind.PLACE),
        ("Thị trấn Phan Rí Cửa đông.", NameKind.PLACE),
        ("Samsung xây nhà máy.", NameKind.OTHER),
    ],
)
def test_guesses_the_kind(source: str, kind: NameKind) -> None:
    assert [name.kind for name in find_names(source)] == [kind]


def test_terms_may_be_given_as_matches_or_lexicon() -> None:
    source = "Ban Chăm sóc Cây xanh Sao Mai họp."
    assert [name.text for name in find_names(source)] == ["Sao Mai"]
    lexicon = load_lexicon().with_entries([("Sao Mai", "Morning Star")])
    assert find_names(source, lexicon) == find_names(source, lexicon.find(source)) == ()


MISSING: list[tuple[str, str, list[str]]] = [
    ("Ông Lê Văn Tám đến.", "Mr. Le Van Tam arrived.", []),
    ("Ông Lê Văn Tám đến.", "Mr. Lê Văn Tám arrived.", []),
    ("Ông Lê Văn Tám đến.", "Mr. Le Van Nam arrived.", ["Lê Văn Tám"]),
    ("Ông Lê Văn Tám đến.", "He arrived.", ["Lê Văn Tám"]),
    ("Xã Ia Dom đông.", "Ia Dom commune is crowded.", []),
    ("Xã Ia Dom đông.", "IaDom commune is crowded.", []),
    ("Xã Ia Dom đông.", "Ia Domo commune is crowded.", ["Ia Dom"]),
    ("Mưa ở Đắk Lắk.", "Rain in Dak Lak.", []),
    ("Mưa ở Đắk Lắk.", "Rain in Daklak.", []),
    ("Mưa ở Đắk Lắk.", "Rain in Dac Lac.", []),
    ("Mưa ở Đắk Lắk.", "Rain in Dak Nong.", ["Đắk Lắk"]),
    ("Chị H'Hen Niê hát.", "Ms. H’Hen Nie sings.", []),
    ("Chị H'Hen Niê hát.", "Ms. HHen Nie sings.", []),
    ("Chị H'Hen Niê hát.", "Ms. Hen Nie sings.", ["H'Hen Niê"]),
    ("Hàng về Hà Nội.", "Goods go to Hanoi.", []),
    ("Hàng về Hà Nội.", "Goods go to Ha Noi.", []),
    ("Hàng về TP.HCM.", "Goods go to Ho Chi Minh City.", []),
    ("Hàng về TP. Hồ Chí Minh.", "Goods go to HCM City.", []),
    ("Hàng về TP. Hồ Chí Minh.", "Goods go to the city.", ["TP. Hồ Chí Minh"]),
    ("Hàng đi Trung Quốc.", "Goods go to China.", []),
    ("Hàng đi Trung Quốc.", "Goods for the Chinese market.", []),
    ("Hàng đi Trung Quốc.", "Goods go abroad.", ["Trung Quốc"]),
    ("Lào và Campuchia.", "Laos and Cambodia.", []),
    ("Lào và Thái Lan.", "Laos and Cambodia.", ["Thái Lan"]),
    ("Hàng đi Mỹ, Hàn Quốc.", "Exports to the US and South Korea.", []),
    ("Ở Tây Nguyên.", "In the Central Highlands.", []),
    ("Ở Việt Nam.", "In Viet Nam.", []),
    ("Tỉnh Bà Rịa - Vũng Tàu.", "Ba Ria-Vung Tau province.", []),
    ("Ông Tám, bà Tám ở xã Gào.", "They live there.", ["Tám", "Gào"]),
    ("Ông Tám ở xã Gào. Ông Tám vui.", "Glad in Gao.", ["Tám"]),
    ("LÊ NAM", "Le Nam", []),
    ("Đèo An Khê dài.", "The plan Khe has is long.", ["An Khê"]),
    ("Thủ đô Mát-xcơ-va lạnh.", "Moscow is cold.", []),
    ("Hàng của Pakistan.", "Pakistani goods.", []),
    ("Hàng của Pakistan.", "Pakistanization goods.", ["Pakistan"]),
    ("Ông Vla-đi-mia đến.", "Vladimir came.", []),
]


@pytest.mark.parametrize(("source", "target", "expected"), MISSING)
def test_reports_missing_names(source: str, target: str, expected: list[str]) -> None:
    missing = missing_names(source, target, find_names(source))
    assert [name.text for name in missing] == expected


INVENTED: list[tuple[str, str, list[str]]] = [
    ("Ông Thái Đại Ngọc nói.", "Nguyen Thai Dung spoke.", ["Nguyen Thai Dung"]),
    ("Ông Thái Đại Ngọc nói.", "Thai Dai Ngoc spoke.", []),
    ("Ông Thái Đại Ngọc nói.", "Thái Đại Ngọc spoke.", []),
    ("Bà nói.", "Ms. Tran Thi Hoa spoke.", ["Tran Thi Hoa"]),
    ("Ông nói.", "He met Mr. Dung yesterday.", ["Dung"]),
    ("Ông nói.", "Comrade Ngoc spoke.", ["Ngoc"]),
    ("Ông Dũng nói.", "Mr. Dung spoke.", []),
    ("Đại tá đến.", "Colonel Pham Van Quyet came.", ["Pham Van Quyet"]),
    ("Tỉnh họp.", "The Provincial Party Committee met.", []),
    ("Tỉnh họp.", "The People's Committee of the province met in March.", []),
    ("Mưa.", "On Monday, So It May Be In The Can.", []),
    ("Mưa.", "An Can Do It Top Ten.", []),
    ("Mưa.", "In May, The Men Can Sing.", []),
    ("Họp.", "Major General, Chairman and Secretary attended.", []),
    ("Họp.", "Mr. Secretary, Ms. Chairwoman, the Standing Board met.", []),
    ("Hàng về Sài Gòn.", "Goods go to Sai Gon.", []),
    ("Nước ta đổi mới.", "Viet Nam has changed.", []),
    ("Bác về thăm.", "President Ho Chi Minh came back.", []),
    ("Mưa lớn.", "Heavy rain in Quang Ngai.", ["Quang Ngai"]),
    ("Mưa lớn ở Quảng Ngãi.", "Heavy rain in Quang Ngai.", []),
    ("Mưa lớn.", "Heavy rain in Khanh Hoa and Phu Yen.", ["Khanh Hoa", "Phu Yen"]),
    ("Khu phi thuế quan.", "A Non-Tariff Zone and a Dry Port.", []),
    ("Dịch vụ.", "Logistics And Trade Center Opens In Style", []),
    ("Hội thi.", "The Song Contest. Then He Sang.", []),
    ("Cồng chiêng.", "The Gong Culture Space of the Central Highlands.", []),
    ("Nga và Pháp.", "Russia and France. China, Laos, Hong Kong.", ["Laos", "China"]),
    ("Tuyến biên giới Việt - Trung.", "The border of Vietnam and China.", []),
    ("Tết.", "Tet Festival. Lunar New Year.", []),
    ("Thăm.", "So Minh came with Thanh.", []),
    ("Thăm.", "Mr. An and Mr. May came.", []),
    ("Ảnh: Hà Duy", "Photo: Ha Duy", []),
    ("Ảnh: Hà Duy", "Photo: Ha Vinh", ["Ha Vinh"]),
    ("Họp.", "Le Hong Phong met. Le Hong Phong spoke.", ["Le Hong Phong"]),
    ("Họp.", "", []),
    ("Tại KCN Phước Đông.", "In Phuoc Dong IP.", []),
    ("HLV Trần Sỹ họp.", "Coach Tran Sy met.", []),
    ("Họp.", "Coach Tran met.", ["Tran"]),
    ("Xuất sang Lào.", "Exported to Laos and Cambodia.", ["Cambodia"]),
]


@pytest.mark.parametrize(("source", "target", "expected"), INVENTED)
def test_reports_invented_names(source: str, target: str, expected: list[str]) -> None:
    assert list(invented_names(source, target)) == expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("Ông Lê Văn Tám đến.", "Mr. Le Van Tam came.", "Mr. Lê Văn Tám came."),
        ("Xã Đắk Pơ và Đắk Pơ Pho.", "Dak Po Pho, Dak Po.", "Đắk Pơ Pho, Đắk Pơ."),
        ("Mưa ở Đắk Lắk.", "Rain in Dak Lakes.", "Rain in Dak Lakes."),
        ("Ông Ân đến.", "An old man. Mr. An came.", "An old man. Mr. Ân came."),
        ("Ông Thành gặp bà Thanh.", "Mr. Thanh met Ms. Thanh.", "Mr. Thanh met Ms. Thanh."),
        ("LÊ ĐỨC", "Le Duc", "Lê Đức"),
        ("Ông Sơn Hà Tâm.", "son ha tam", "son ha tam"),
        ("Hàng đi Trung Quốc.", "Goods go to China.", "Goods go to China."),
        ("Mưa.", "Rain.", "Rain."),
        ("Chị H'Hen Niê hát.", "H'Hen Nie sings.", "H'Hen Niê sings."),
    ],
)
def test_restores_diacritics(source: str, target: str, expected: str) -> None:
    assert restore_diacritics(target, find_names(source)) == expected


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đắk Lắk, đường Ỷ Lan", "Dak Lak, duong Y Lan"),
        ("Nguyễn Hữu Thượng", "Nguyen Huu Thuong"),
        ("Kpă Rơ Mah Kbuôr Êban", "Kpa Ro Mah Kbuor Eban"),
        ("Vie\u0302\u0323t Nam", "Viet Nam"),
        ("Köln, 한국, ß, “quotes” 1.500 m²", "Köln, 한국, ß, “quotes” 1.500 m²"),
    ],
)
def test_folds_vietnamese_only(text: str, folded: str) -> None:
    assert fold_diacritics(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_diacritics(text)
    assert fold_diacritics(once) == once


_PIECES = st.sampled_from(
    ["Gia Lai", "Nguyễn", "Văn", "xã", "tỉnh ủy", "Tại", ".", "\n", " - ", "HÀ", "H'Hen", "TP.HCM"]
) | st.sampled_from(["châu Âu", "Y", "(", "“", "9", "Đắk", "đồng", "Samsung", "miền Trung"])


@given(st.lists(_PIECES | st.text(max_size=4), max_size=12).map(" ".join))
def test_spans_are_exact_and_apart(text: str) -> None:
    names = find_names(text)
    for name in names:
        assert text[name.start : name.end] == name.text
        assert name.folded == " ".join(fold_diacritics(name.text).split())
    assert all(a.end <= b.start for a, b in pairwise(names))


def test_name_is_a_value() -> None:
    name = Name("Gia Lai", "Gia Lai", 0, 7, NameKind.PLACE)
    assert find_names("Gia Lai đón khách.") == (name,)
