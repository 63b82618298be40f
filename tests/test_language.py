import threading
from pathlib import Path

import pytest

from models.errors import DiemtinError
from service import language
from service.language import NotVietnamese, require_vietnamese

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    "text",
    [
        "Ảnh: Hà Duy",
        "Công an xã",
        "Tin nổi bật",
        "Chiều 10-3, UBND tỉnh họp.",
        "HỘI ĐỒNG NHÂN DÂN TỈNH KHAI MẠC KỲ HỌP",
        "Giá xăng RON 95 giảm 320 đồng/lít, còn 19.870 đồng/lít",
        "Đội tuyển Việt Nam thắng Manchester United Legends 2-1 trong trận giao hữu",
        "Ông Nguyễn Văn An làm việc với Samsung Electronics và Intel Products Vietnam về dự án.",
        "kiem-tra-cong-tac-quan-ly-tai-khu-kinh-te-cua-khau.jpg\nBí thư Tỉnh ủy thăm xã Ea Tân.",
        *[path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.txt"))],
    ],
)
def test_vietnamese(text):
    require_vietnamese(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The provincial party secretary inspected the border gate on Tuesday.", "English"),
        ("Le secrétaire du comité provincial a inspecté la porte frontalière mardi.", "French"),
        ("Der Provinzsekretär besuchte am Dienstag den Grenzübergang.", "German"),
        ("El secretario provincial inspeccionó el martes el paso fronterizo.", "Spanish"),
        ("O secretário provincial não visitou a fronteira na terça-feira.", "Portuguese"),
        ("Sekretaris provinsi meninjau gerbang perbatasan pada hari Selasa.", "Indonesian"),
        ("Секретарь провинции посетил пограничный переход во вторник.", "Russian"),
        ("省委书记星期二视察了国际口岸。", "Chinese"),
        ("県の書記は火曜日に国境検問所を視察しました。", "Japanese"),
        ("도 서기는 화요일에 국경 관문을 시찰했다.", "Korean"),
        ("เลขาธิการจังหวัดตรวจเยี่ยมด่านชายแดนเมื่อวันอังคาร", "Thai"),
        ("ເລຂາທິການແຂວງ ໄດ້ຢ້ຽມຢາມດ່ານຊາຍແດນ", "Lao"),
        ("លេខាធិការខេត្តបានទៅត្រួតពិនិត្យច្រកព្រំដែន", "Khmer"),
        (
            "The police of Đắk Lắk province said on Monday that Nguyễn Văn An had been arrested "
            "near the border with Cambodia while carrying two kilograms of drugs.",
            "English",
        ),
    ],
)
def test_other_language_is_named(text, name):
    with pytest.raises(NotVietnamese, match=rf"seems to be .*{name}.*Send a Vietnamese") as caught:
        require_vietnamese(text)
    assert isinstance(caught.value, DiemtinError)


@pytest.mark.parametrize(
    "text",
    [
        "Chieu 10-3, doan cong tac cua Tinh uy da kiem tra cong tac quan ly tai cua khau quoc te.",
        "Gia ca phe hom nay tang manh, nong dan Dak Lak phan khoi vi duoc mua duoc gia.",
        "Kinh te - xa hoi phat trien",
    ],
)
def test_text_without_diacritics_is_refused_in_so_many_words(text):
    with pytest.raises(NotVietnamese, match=r"without diacritics.*not supported"):
        require_vietnamese(text)


@pytest.mark.parametrize("text", ["", "10-3-2026", "… !!! ---", "12.500 / 7", "a-b-c-d.jpg"])
def test_no_words(text):
    with pytest.raises(NotVietnamese, match="no words"):
        require_vietnamese(text)


def test_only_the_beginning_is_read():
    sample = language._take_sample("Chiều nay mưa to. " * 100_000)
    assert 1_500 < sum(map(str.isalpha, sample)) <= 2_000


def test_first_calls_at_once():
    language._build_detector.cache_clear()
    failures = []

    def check():
        try:
            require_vietnamese("Chiều nay, Ủy ban nhân dân tỉnh Gia Lai tổ chức họp báo quý I.")
        except DiemtinError as error:
            failures.append(error)

    threads = [threading.Thread(target=check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert language._build_detector.cache_info().misses == 1
