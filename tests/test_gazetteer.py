"""The gazetteer: every province, units by their cue, what became of them; on our sentences."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from models.errors import BadConfig
from models.gazetteer import (
    AdministrativeUnit,
    Level,
    PlaceNote,
    describe_change,
    find_places,
    load_gazetteer,
    report_places,
)
from models.lexicon import load_lexicon

TODAY = """An Giang|Bắc Ninh|Cà Mau|Cao Bằng|Cần Thơ|Đà Nẵng|Đắk Lắk|Điện Biên|Đồng Nai|Đồng Tháp
|Gia Lai|Hà Nội|Hà Tĩnh|Hải Phòng|Hồ Chí Minh|Huế|Hưng Yên|Khánh Hòa|Lai Châu|Lạng Sơn|Lào Cai
|Lâm Đồng|Nghệ An|Ninh Bình|Phú Thọ|Quảng Ngãi|Quảng Ninh|Quảng Trị|Sơn La|Tây Ninh|Thái Nguyên
|Thanh Hóa|Tuyên Quang|Vĩnh Long""".replace("\n", "").split("|")
MERGED = {
    "An Giang": "Kiên Giang",
    "Bắc Ninh": "Bắc Giang",
    "Cà Mau": "Bạc Liêu",
    "Cần Thơ": "Hậu Giang|Sóc Trăng",
    "Đà Nẵng": "Quảng Nam",
    "Đắk Lắk": "Phú Yên",
    "Đồng Nai": "Bình Phước",
    "Đồng Tháp": "Tiền Giang",
    "Gia Lai": "Bình Định",
    "Hải Phòng": "Hải Dương",
    "Hồ Chí Minh": "Bà Rịa - Vũng Tàu|Bình Dương",
    "Hưng Yên": "Thái Bình",
    "Khánh Hòa": "Ninh Thuận",
    "Lào Cai": "Yên Bái",
    "Lâm Đồng": "Bình Thuận|Đắk Nông",
    "Ninh Bình": "Hà Nam|Nam Định",
    "Phú Thọ": "Hòa Bình|Vĩnh Phúc",
    "Quảng Ngãi": "Kon Tum",
    "Quảng Trị": "Quảng Bình",
    "Tây Ninh": "Long An",
    "Thái Nguyên": "Bắc Kạn",
    "Tuyên Quang": "Hà Giang",
    "Vĩnh Long": "Bến Tre|Trà Vinh",
}
GONE = [(old, new) for new, olds in MERGED.items() for old in olds.split("|")]
CITIES = {
    "Hà Nội": "Hanoi",
    "Hồ Chí Minh": "Ho Chi Minh City",
    "Hải Phòng": "Hai Phong",
    "Đà Nẵng": "Da Nang",
    "Cần Thơ": "Can Tho",
    "Huế": "Hue",
}


def found(source: str, home: str | None = None) -> list[tuple[str, str]]:
    return [(place.text, place.english) for place in find_places(source, home)]


def only(source: str, home: str | None = None) -> AdministrativeUnit:
    [place] = find_places(source, home)
    [unit] = place.units
    return unit


def spoken(name: str) -> str:
    return f"TP. {name}" if name in CITIES else f"tỉnh {name}"


@pytest.mark.parametrize("name", TODAY)
def test_every_province_of_today_is_found(name):
    alone = [] if name == "Hồ Chí Minh" else [f"Mưa to ở {name}.", f"{name} đón khách."]
    for source in [*alone, f"Đoàn về {spoken(name)} hôm nay."]:
        unit = only(source)
        assert (unit.name, unit.is_current, unit.level.is_top) == (name, True, True)
        assert unit.english == CITIES.get(name, f"{unit.folded} province")


@pytest.mark.parametrize(("name", "now"), GONE, ids=[name for name, _ in GONE])
def test_every_province_that_is_gone_is_found_and_explained(name, now):
    unit = only(f"Mưa to ở {name}.")
    assert unit == only(f"UBND tỉnh {name} họp.")
    assert unit.ended == date(2025, 7, 1)
    assert [one.name for one in unit.successors] == [now]
    assert describe_change(unit).startswith(
        (f"{unit.english}: merged with ", f"{unit.english}: merged into ")
    )
    assert f"into {unit.successors[0].english} on 1 July 2025" in describe_change(unit)
    assert unit.english in describe_change(unit.successors[0])


def test_there_were_63_provinces_and_34_are_left():
    provinces = load_gazetteer().provinces
    assert {unit.name for unit in provinces} == {*TODAY, *(old for old, _ in GONE)}
    assert len(provinces) == 63
    assert {unit.name for unit in provinces if unit.is_current} == set(TODAY)
    unchanged = {unit.name for unit in provinces if not describe_change(unit)}
    assert unchanged == set(TODAY) - set(MERGED)


def test_the_provinces_agree_with_the_place_names_of_the_lexicon():
    english = {form: place.en for place in load_lexicon().places for form in place.vi}
    for unit in load_gazetteer().provinces:
        if unit.name != "Hồ Chí Minh":
            assert unit.english.removesuffix(" province") == english[unit.name]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Tại xã Ia Dom, trời mưa.", [("xã Ia Dom", "Ia Dom commune")]),
        ("Công an phường Quy Nhơn Tây.", [("phường Quy Nhơn Tây", "Quy Nhon Tay ward")]),
        ("Đặc khu Phú Quốc đón khách.", [("Đặc khu Phú Quốc", "Phu Quoc special zone")]),
        ("Thị trấn Chư Ty cũ.", [("Thị trấn Chư Ty", "Chu Ty township")]),
        ("Ở Quận 1, P. Pleiku.", [("Quận 1", "District 1"), ("P. Pleiku", "Pleiku ward")]),
        ("Thị xã An Khê họp.", [("Thị xã An Khê", "An Khe town")]),
        ("Về TP.Pleiku.", [("TP.Pleiku", "Pleiku city")]),
        ("XÃ IA DOM KHỞI CÔNG TRƯỜNG", [("XÃ IA DOM", "Ia Dom commune")]),
        ("Xã biên giới Ia Pnôn.", [("Xã biên giới Ia Pnôn", "Ia Pnon commune")]),
        ("Dân xã Biên Giới.", [("xã Biên Giới", "Bien Gioi commune")]),
        ("Bí thư xã Ia Hrú Lê Quang Vinh.", [("xã Ia Hrú", "Ia Hru commune")]),
        ("Xã Đoàn Kết rất đoàn kết.", [("Xã Đoàn Kết", "Doan Ket commune")]),
        ("Xã Cư M’gar trồng cà phê.", [("Xã Cư M’gar", "Cu M'gar commune")]),
        # lists
        (
            "Các xã Ia Dom, Ia Nan và Ia Pnôn giáp biên.",
            [
                ("xã Ia Dom", "Ia Dom commune"),
                ("Ia Nan", "Ia Nan commune"),
                ("Ia Pnôn", "Ia Pnon commune"),
            ],
        ),
        ("Ở xã Ia Dom và Ia Nan.", [("xã Ia Dom", "Ia Dom commune"), ("Ia Nan", "Ia Nan commune")]),
        ("Các phường: Pleiku, An Khê", [("Pleiku", "Pleiku ward"), ("An Khê", "An Khe ward")]),
        ("Các xã, phường: Gào, Pleiku.", [("Gào", "Gao commune"), ("Pleiku", "Pleiku ward")]),
        ("Ở xã Ia Dom, Ia Nan còn xa.", [("xã Ia Dom", "Ia Dom commune")]),
        # spellings
        ("Ở Bà Rịa–Vũng Tàu.", [("Bà Rịa–Vũng Tàu", "Ba Ria-Vung Tau province")]),
        ("Ra Khánh Hoà.", [("Khánh Hoà", "Khanh Hoa province")]),
        ("Ra Đăk Lăk.", [("Đăk Lăk", "Dak Lak province")]),
        ("Vào TP.HCM, TPHCM.", [("TP.HCM", "Ho Chi Minh City"), ("TPHCM", "Ho Chi Minh City")]),
        ("MỞ ĐƯỜNG Ở GIA LAI", [("GIA LAI", "Gia Lai province")]),
        # organisations
        ("Đại học Thái Nguyên.", [("Thái Nguyên", "Thai Nguyen province")]),
        ("Báo Gia Lai.", [("Gia Lai", "Gia Lai province")]),
        ("Chủ tịch tỉnh Gia Lai Phạm Văn Bách.", [("tỉnh Gia Lai", "Gia Lai province")]),
        ("Đội Hoàng Anh Gia Lai thắng.", []),
        # people, other places, common words
        ("Ông Bình Định về quê.", []),
        ("Lê Hòa Bình và cô Nguyễn Thị Hà Giang.", []),
        ("Ảnh: NGUYỄN THÁI BÌNH", []),
        ("Dân mong hòa bình. Hòa bình lập lại.", []),
        ("Sóng Thái Bình Dương vỗ bờ.", []),
        ("Kẹt xe ở đường Hà Nội, trên sông Đồng Nai.", []),
        ("Bác Hồ Chí Minh.", []),
        ("Trận Điện Biên Phủ và đất Thừa Thiên - Huế.", []),
        ("Hợp tác xã Tân Phú. Xã hội học tập.", []),
        ("Xã Quang Trung Kiên là tên bịa.", []),
        ("Phường 3 năm liền đạt chuẩn.", []),
        ("", []),
    ],
)  # fmt: skip
def test_units_are_found_by_their_cue_and_nothing_else_is(source, expected):
    assert found(source) == expected
    decomposed = unicodedata.normalize("NFD", source)
    assert [unicodedata.normalize("NFC", text) for text, _ in found(decomposed)] == [
        text for text, _ in expected
    ]
    for place in find_places(decomposed):
        assert place.text == decomposed[place.start : place.end]
        assert place.start <= place.name_start < place.end


def test_every_commune_and_ward_of_today_is_found_by_its_cue():
    cues = {Level.COMMUNE: "xã", Level.WARD: "phường", Level.SPECIAL_ZONE: "đặc khu"}
    units = [unit for unit in load_gazetteer().units if unit.level in cues and unit.is_current]
    assert len(units) == 3321
    for unit in units:
        [place] = find_places(f"Tại {cues[unit.level]} {unit.name} có mưa.", home=unit.province)
        assert unit in place.units
        assert len([one for one in place.units if one.is_current]) == 1


def provinces_of(source: str, home: str | None = None) -> set[str]:
    return {unit.province for unit in find_places(source, home)[0].units}


def test_a_name_of_several_provinces_stays_open_until_the_text_tells():
    assert {"Cà Mau", "Vĩnh Long", "An Giang"} <= provinces_of("Xã Hòa Bình mất mùa.")
    assert provinces_of("Xã Hòa Bình mất mùa, theo UBND tỉnh Cà Mau.") == {"Cà Mau"}
    assert provinces_of("Xã Hòa Bình (tỉnh Cà Mau). Tin từ Vĩnh Long.") == {"Cà Mau"}
    assert provinces_of("Xã Hòa Bình. Từ Vĩnh Long về Cà Mau.") == {"Vĩnh Long", "Cà Mau"}
    assert provinces_of("Xã Hòa Bình mất mùa.", home="tỉnh Vinh Long") == {"Vĩnh Long"}
    # No commune of this name lies in Gia Lai: every other stays possible.
    assert {"Cà Mau", "Vĩnh Long"} <= provinces_of("Xã Hòa Bình mất mùa.", home="Gia Lai")


def test_a_district_beside_the_name_tells_which_former_unit_it_is():
    place, district, _ = find_places("Xã Hòa Bình, huyện Chợ Mới, tỉnh An Giang.")
    [unit] = place.units
    assert (unit.district, unit.is_current) == ("Chợ Mới", False)
    assert describe_change(unit).startswith(
        "Hoa Binh commune, Cho Moi district, An Giang province (former): now "
    )
    assert district.english == "Cho Moi district"


def test_what_became_of_a_commune_and_of_a_district():
    commune = only("Xã Ia Kriêng họp.", home="Gia Lai")
    assert describe_change(commune) == (
        "Ia Krieng commune, Duc Co district, Gia Lai province (former): "
        "now part of Duc Co commune, Gia Lai province"
    )
    district = only("Huyện Đức Cơ họp.")
    assert describe_change(district) == (
        "Duc Co district (former), Gia Lai province: abolished on 1 July 2025, now "
        "Duc Co commune, Ia Dok commune, Ia Krel commune and 3 other units, Gia Lai province"
    )
    assert describe_change(only("Xã Ia Nan họp.")) == ""
    assert describe_change(only("Tin từ Bình Định.")) == (
        "Binh Dinh province: merged into Gia Lai province on 1 July 2025"
    )


def test_the_report_has_one_note_for_each_unit_of_an_item():
    texts = [
        "Sáng nay, xã Ia Dom và xã Ia Kriêng cũ có mưa. Xã Ia Dom rét.",
        "Ở tỉnh Bình Định cũ, nắng; xã Ia Dom rét đậm.",
    ]
    dom, gone, old = report_places(texts, home="Gia Lai")
    assert dom == PlaceNote("xã Ia Dom", "Ia Dom commune", "commune", "Gia Lai province", "current")
    assert (gone.status, gone.province) == ("former", "Gia Lai province")
    assert gone.note.endswith("now part of Duc Co commune, Gia Lai province")
    assert (old.english, old.province, old.status) == (
        "Binh Dinh province",
        "Gia Lai province",
        "former",
    )
    assert old.note.startswith("Binh Dinh province: merged into")


def test_the_report_says_what_it_cannot_tell():
    [note] = report_places(["Xã Hòa Bình mất mùa."])
    assert (note.status, note.province) == ("ambiguous", "")
    assert note.note.startswith("one of 19 units of this name: Hoa Binh commune, Ca Mau province;")
    # A later mention that is clear settles it.
    settled = report_places(["Xã Hòa Bình mất mùa.", "Đó là xã Hòa Bình, tỉnh Cà Mau."])
    assert [(one.english, one.status) for one in settled] == [
        ("Hoa Binh commune", "current"),
        ("Ca Mau province", "current"),
    ]
    [mixed] = report_places(["Các xã, phường: Hòa Bình."])
    assert (mixed.english, mixed.level, mixed.status) == (
        "Hoa Binh",
        "commune or ward",
        "ambiguous",
    )
    assert report_places([]) == ()


@pytest.mark.parametrize("home", ["Sài Gòn", "Ia Dom", ""])
def test_a_home_that_is_no_province_is_refused(home):
    with pytest.raises(BadConfig, match="is no province of Vietnam; give a name such as"):
        load_gazetteer().province(home)


def test_many_threads_share_one_gazetteer():
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load_gazetteer(), range(32)))
    assert len({id(one) for one in loaded}) == 1


def test_importing_reads_no_data_and_the_package_itself_is_never_imported():
    program = (
        "import sys, models.gazetteer_index as index, models.hints; assert not index._loaded;"
        "from models.gazetteer import find_places; assert find_places('Xã Ia Dom.');"
        "assert not {'vietnamadminunits', 'shapely', 'geopy', 'unidecode'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_without_the_package_the_error_says_what_to_install():
    program = (
        "import sys; sys.modules['vietnamadminunits'] = None\n"
        "from models.errors import MissingDependency\n"
        "from models.gazetteer import find_places\n"
        "try: find_places('Xã Ia Dom.')\n"
        "except MissingDependency as error: print(error)"
    )
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert "run: pip install vietnamadminunits" in shown.stdout
