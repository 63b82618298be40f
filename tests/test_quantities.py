"""Pairs that say the same and pairs that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.quantities import compare_quantities

FAITHFUL = [
    ("Chiều 10-3, đoàn đến xã.", "On the afternoon of March 10, the team came to the commune."),
    ("Chiều 10-3, đoàn đến xã.", "On the afternoon of 10-3, the team came to the commune."),
    ("Sáng 5/4, lễ hội bắt đầu.", "The festival opened on the morning of 5 April."),
    ("ngày 10 tháng 3 năm 2025", "March 10th, 2025"),
    ("ngày 10 tháng 3 năm 2025", "10 March 2025"),
    ("Hạn nộp 10.3.2025.", "The deadline is 10/3/2025."),
    ("Hạn nộp 10/3/2025.", "The deadline is 10 Mar 2025."),
    ("Hạn nộp 1-12-2024.", "The deadline is December 1, 2024."),
    ("Hội chợ từ 10-15/3.", "The fair runs March 10-15."),
    ("Hội chợ từ ngày 10 đến 15-3.", "The fair runs from March 10 to 15."),
    ("Hội chợ từ ngày 10 đến ngày 15-3.", "The fair runs from March 10 to March 15."),
    ("Trong hai ngày 10 và 11-3.", "On March 10 and 11."),
    ("Trong các ngày 8, 9 và 10-6.", "On June 8, 9 and 10."),
    ("Từ 28-2 đến 3-3, trường nghỉ.", "The school is closed from February 28 to March 3."),
    ("Dịp 30-4 và 1-5, đèo đông xe.", "The pass is busy around April 30 and May 1."),
    ("Hôm nay (9-8), xã bầu trưởng thôn.", "Today (August 9), the commune elects a village head."),
    ("mùng 5 tháng 1", "the 5th of January"),
    ("Tháng 3, mưa đá đổ xuống.", "In March, hail fell."),
    ("Việc xong trong tháng 3/2025.", "The work ends in March 2025."),
    ("Việc xong vào tháng 11 năm 2024.", "The work ends in November 2024."),
    ("Từ tháng 5 đến tháng 7, hồ cạn.", "The lake is dry from May to July."),
    ("Quý I, xã thu đủ.", "In the first quarter, the commune collected all of it."),
    ("Quý II/2025, xã thu đủ.", "In Q2 2025, the commune collected all of it."),
    ("Quý 3 năm 2024, xã thu đủ.", "In the third quarter of 2024, the commune collected it all."),
    ("Năm 2025, xã có điện.", "In 2025, the commune got electricity."),
    ("nhiệm kỳ 2025-2030", "the 2025-2030 term"),
    ("giai đoạn 2021 - 2025", "the 2021–25 period"),
    ("những năm 1990", "the 1990s"),
    ("Sáng thứ Hai, chợ đóng.", "The market is closed on Monday morning."),
    ("Chiều thứ 6, trường họp.", "The school meets on Friday afternoon."),
    ("Chủ nhật này có hội.", "There is a festival this Sunday."),
    ("Từ thứ 2 đến thứ 6.", "From Monday to Friday."),
    ("Ông Bảy (thứ 2 từ phải sang) trao quà.", "Mr. Bay (second from right) gives gifts."),
    ("Bà Tư (thứ 4 từ trái sang) trao quà.", "Mrs. Tu (4th from left) gives gifts."),
    ("Lúc 17h30, cầu đóng.", "The bridge closes at 5:30 p.m."),
    ("Lúc 17h, cầu đóng.", "The bridge closes at 5 pm."),
    ("Lúc 7 giờ 30 phút, cầu mở.", "The bridge opens at 7:30 a.m."),
    ("Lúc 2 giờ chiều, cầu mở.", "The bridge opens at 2 p.m."),
    ("Lúc 17:30, cầu mở.", "The bridge opens at 17:30."),
    ("Cuộc đua dài 8 giờ.", "The race lasts 8 hours."),
    ("Máy chạy 3 giờ 20 phút.", "The machine ran for 3 hours and 20 minutes."),
    ("Diện tích 1.500 ha.", "The area is 1,500 hectares."),
    ("Cao 2,5 m.", "It is 2.5 meters high."),
    ("Tổng 1.500,75 tấn.", "A total of 1,500.75 tons."),
    ("Dân số 1 250 000 người.", "The population is 1,250,000."),
    ("Vốn 2,5 tỷ đồng.", "The capital is 2.5 billion dong."),
    ("Vốn 2,5 tỷ đồng.", "The capital is VND 2.5 billion."),
    ("Vốn 2,5 tỷ đồng.", "The capital is VND2,500 million."),
    ("Vốn 2,5 tỷ đồng.", "The capital is 2.5bn VND."),
    ("Vốn 2.300 tỷ đồng.", "The capital is VND 2.3 trillion."),
    ("Vốn 3 nghìn tỷ đồng.", "The capital is three trillion dong."),
    ("Vốn 2 tỷ 500 triệu đồng.", "The capital is VND 2.5 billion."),
    ("Giá 3 triệu rưỡi.", "The price is 3.5 million."),
    ("Giá 500 ngàn đồng.", "The price is 500,000 dong."),
    ("Giá 50 nghìn đồng/kg.", "The price is VND 50,000 per kg."),
    ("Khoảng 5 vạn cây.", "About 50,000 trees."),
    ("Khoảng 3 chục hộ.", "About 30 households."),
    ("Giá 3.000 USD.", "The price is $3,000."),
    ("Giá từ 10-15 triệu đồng.", "The price is 10-15 million dong."),
    ("Giá từ 10 đến 15 triệu đồng.", "The price ranges from 10 million to 15 million dong."),
    ("Trẻ từ 5 đến 7 tuổi.", "Children aged 5 to 7."),
    ("Mỗi nhóm 5-7 người.", "Each group has 5-7 people."),
    ("Đạt 12,5%.", "It reached 12.5 percent."),
    ("Đạt 12,5 phần trăm.", "It reached 12.5%."),
    ("Tăng 10-15%.", "Up 10-15%."),
    ("Bản đồ tỷ lệ 1/2000.", "A map at 1/2000 scale."),
    ("Bản đồ tỷ lệ 1/2000.", "A map at a scale of 1:2,000."),
    ("Quy hoạch chi tiết 1/500.", "The detailed 1/500 plan."),
    ("Quy hoạch chi tiết 1/500.", "The detailed 1:500 plan."),
    ("Có 2/3 số hộ đồng ý.", "Two-thirds of the households agreed."),
    ("Có 2/3 số hộ đồng ý.", "2/3 of the households agreed."),
    ("Có 10/12 thôn đạt chuẩn.", "10 out of 12 villages met the standard."),
    ("Nghị quyết 57-NQ/TW", "Resolution 57-NQ/TW"),
    ("Nghị quyết số 57-NQ/TW", "Resolution No. 57"),
    ("Nghị định 15/2021/NĐ-CP", "Decree 15/2021/ND-CP"),
    ("Quyết định số 123/QĐ-UBND", "Decision No. 123/QD-UBND"),
    ("Xe chạy trên Quốc lộ 19.", "The truck ran on National Highway 19."),
    ("Xe chạy trên QL19.", "The truck ran on QL19."),
    ("Xe biển số 81A-123.45.", "The truck with plate 81A-123.45."),
    ("Gọi 0905 123 456.", "Call 0905 123 456."),
    ("Gọi 0905.123.456.", "Call +84 905 123 456."),
    ("Đại hội lần thứ XV.", "The 15th Congress."),
    ("Đại hội lần thứ 15.", "The fifteenth Congress."),
    ("Quốc hội khóa XIII.", "The 13th National Assembly."),
    ("Thế kỷ XX.", "The 20th century."),
    ("Giải nhì và giải ba.", "The second and third prizes."),
    ("Hai người bị thương.", "Two people were hurt."),
    ("2 người bị thương.", "Two people were hurt."),
    ("Hai nước ký kết.", "The countries signed."),
    ("Ba năm qua, xã đổi mới.", "Over the past 3 years, the commune has changed."),
    ("Hai mươi lăm hộ.", "Twenty-five households."),
    ("Hai mươi năm sau.", "Twenty years later."),
    ("Mười hai con bò.", "12 cows."),
    ("Một trăm năm mươi con gà.", "150 chickens."),
    ("Mười năm trước.", "Ten years ago."),
    ("Hàng trăm hộ dân.", "Hundreds of households."),
    ("Mặt hàng trăm loại.", "Goods of many kinds."),
    ("Cả hai nước ký.", "Both countries signed."),
    ("Kẻ gian ném ba lô xuống khe.", "The man threw the rucksack into the ravine."),
    ("Em sống với ba mẹ ở xã.", "He lives with his parents in the commune."),
    ("Chú ba trồng lúa.", "The uncle grows rice."),
    ("Em bỏ học hai lần.", "She left school twice."),
    ("Ở hạng hai giải tỉnh.", "In the lower class of the provincial league."),
    ("Ông lập nghiệp với hai bàn tay trắng.", "He started out with nothing."),
    ("Nghỉ hai ngày cuối tuần.", "They rest over the weekend."),
    ("Hàng nghìn người xem.", "Thousands of people watched."),
    ("Hàng chục nghìn cây.", "Tens of thousands of trees."),
    ("Hàng chục người đến.", "Dozens of people came."),
    ("Hàng nghìn tỷ đồng.", "Trillions of dong."),
    ("1 người bị thương.", "A person was hurt."),
    ("Sản lượng gấp đôi.", "Output doubled."),
    ("Lương 6 tháng đầu năm.", "Pay for the first half of the year."),
    ("Một số hộ chưa có nước.", "Some households have no water."),
    ("Nguyễn Thị Ba, 45 tuổi", "Nguyen Thi Ba, 45 years old"),
    ("Em Lan, 12 tuổi, đoạt giải.", "Lan, a 12-year-old, won a prize."),
    ("Rừng rộng 30 km2.", "The forest covers 30 square kilometers."),
    ("anh-10-3-cho.jpg", "market.jpg"),
    ("Xem https://vidu.vn/2025/3", "See the website."),
    ("Đội U23 thắng 3-1.", "The U23 team won 3-1."),
    ("Mạng 5G và công nghiệp 4.0.", "The 5G network and Industry 4.0."),
    ("Trực 24/24 giờ.", "On duty 24/24."),
    ("Ngày 8-3, chị em dự hội.", "On March 8, the women joined the festival."),
    ("Huân chương hạng Nhất.", "The First-class Order."),
    ("Rằm tháng Giêng.", "The 15th day of the first lunar month."),
    ("Phân khu 1 rộng 20 ha.", "Subdivision 1 covers 20 hectares."),
    ("Có 1.200 hộ, trong đó 35 hộ nghèo.", "Of 1,200 households, 35 are poor; 1,200 is the total."),
    ("Thứ hai, cần vốn.", "Second, money is needed."),
    ("Lãnh đạo xã chúc tết.", "May all go well, the leaders wished."),
    ("Đoàn diễu hành đi qua.", "They march past."),
    ("Nặng 5 tạ.", "It weighs 5 quintals."),
    (
        "Khu vực có 2 đồn; 3 chốt, 4 tổ.",
        "The area has two posts, three checkpoints and four teams.",
    ),
    ("Không quá 40 lượt.", "No more than 40 trips."),
    ("Hơn 2.100 ha ớt.", "Over 2,100 hectares of chili."),
    ("Gần 300 hộ.", "Close to 300 households."),
    ("Thu không dưới 14 tỷ đồng.", "It takes in at least VND14 billion."),
    ("Thu không dưới 14 tỷ đồng.", "It takes in no less than VND14 billion."),
    ("Giá tăng 4,8%, thuế giảm 2%.", "Prices went up 4.8% and taxes fell 2%."),
    ("Tỷ lệ giảm còn 3,2%.", "The rate fell to 3.2%."),
    ("Khoảng một phần ba số hộ.", "About a third of households."),
    ("Hai phần ba số hộ.", "Two thirds of households."),
    ("Sản lượng tăng gấp ba.", "Output tripled."),
    ("Bể chứa 120 lít.", "A tank of 120 litres."),
    (
        "Năng suất 27,8 tạ/ha, có nơi 40-45 tạ/ha.",
        "A yield of 2.78 tons, up to 4-4.5 tons, a hectare.",
    ),
    ("Nhà tôi có 3 sào.", "My family has 3 sao."),
    ("Nhà tôi có 3 sào.", "My family has 1,500 square meters."),
    ("Ít nhất 20% là công nhân.", "At least one-fifth are workers."),
    ("Hỗ trợ 50% và 100%.", "It pays half, or all of it."),
    ("Với 100% đại biểu tán thành.", "Unanimously."),
    ("Bị phạt 7 năm 6 tháng tù.", "Sentenced to seven and a half years in prison."),
    ("Bị phạt 7 năm 6 tháng tù.", "Sentenced to 7 years and 6 months in prison."),
    ("Sau 2 năm rưỡi.", "After two and a half years."),
    ("Giá tăng gấp rưỡi.", "Prices are one and a half times higher."),
    ("Cho vay nửa tỷ đồng.", "It lent VND500 million."),
    ("Trực 24/24 giờ.", "On duty around the clock."),
    ("Trực 24/24 giờ.", "On duty 24/7."),
    ("Về nhất sau 4 phút 12 giây 35.", "First in 4 minutes 12.35 seconds."),
    ("Khối lượng đạt gần 2/3, song chưa xong.", "It is nearly two-thirds done, but not ready."),
    ("Độ mặn dưới 1‰.", "Salinity is below 1 per thousand."),
    ("Ngày 15 tháng 9 âm lịch.", "The 15th day of the ninth lunar month."),
    ("Mùng 8 tháng Giêng.", "The eighth of the first lunar month."),
    (
        "Đêm 29, rạng sáng 30-9.",
        "On the night of September 29 and in the early hours of September 30.",
    ),
    ("Ông Park Jun Ho nói.", "Park Jun Ho said."),
    ("Bác sĩ CKII Lê An.", "Specialist Level II Doctor Le An."),
    ("Bác sĩ CKII Lê An.", "Dr. Le An."),
]

MISSING, INVENTED, BOTH = {"missing"}, {"invented"}, {"missing", "invented"}
CORRUPTED = [
    ("Chiều 10-3, đoàn đến.", "On the afternoon of March 11, the team came.", BOTH),
    ("Chiều 10-3, đoàn đến.", "On the afternoon of October 3, the team came.", BOTH),
    ("Chiều 10-3, đoàn đến.", "On the afternoon of 3-10, the team came.", BOTH),
    ("Chiều 10-3, đoàn đến.", "In the afternoon, the team came.", MISSING),
    ("Chiều, đoàn đến.", "On the afternoon of March 10, the team came.", INVENTED),
    ("ngày 10 tháng 3 năm 2025", "March 10, 2024", BOTH),
    ("ngày 10 tháng 3 năm 2025", "March 10", MISSING),
    ("ngày 10 tháng 3", "March 10, 2025", INVENTED),
    ("Hạn nộp 10.3.2025.", "The deadline is April 10, 2025.", BOTH),
    ("Hội chợ từ 10-15/3.", "The fair runs March 10-14.", BOTH),
    ("Hội chợ từ 10-15/3.", "The fair opens on March 10.", MISSING),
    ("Trong hai ngày 10 và 11-3.", "On March 10 and 12.", BOTH),
    ("Tháng 3, mưa đá.", "In April, hail fell.", BOTH),
    ("Việc xong trong tháng 3/2025.", "The work ends in March 2026.", BOTH),
    ("Quý I, xã thu đủ.", "In the second quarter, the commune collected it.", BOTH),
    ("Quý II/2025, xã thu đủ.", "In Q2 2026, the commune collected it.", BOTH),
    ("Quý II/2025, xã thu đủ.", "In 2025, the commune collected it.", MISSING),
    ("Năm 2025, xã có điện.", "In 2052, the commune got electricity.", BOTH),
    ("nhiệm kỳ 2025-2030", "the 2020-2025 term", BOTH),
    ("nhiệm kỳ 2025-2030", "the new term", MISSING),
    ("Sáng thứ Hai, chợ đóng.", "The market is closed on Tuesday.", BOTH),
    ("Sáng mai, chợ đóng.", "The market is closed on Tuesday.", INVENTED),
    ("Ông Bảy (thứ 2 từ phải sang).", "Mr. Bay (Monday from right to left).", BOTH),
    ("Ông Bảy (thứ 3 từ phải sang).", "Mr. Bay (fourth from right).", BOTH),
    ("Chủ nhật này có hội.", "There is a festival this Saturday.", BOTH),
    ("Họp thứ 2, ngày 10-3.", "The second meeting on March 10.", MISSING),
    ("Lúc 17h30, cầu đóng.", "The bridge closes at 5:30 a.m.", BOTH),
    ("Lúc 17h30, cầu đóng.", "The bridge closes at 6:30 p.m.", BOTH),
    ("Lúc 7 giờ 30, cầu mở.", "The bridge opens at 7:20 a.m.", BOTH),
    ("Diện tích 1.500 ha.", "The area is 1.5 hectares.", BOTH),
    ("Diện tích 1.500 ha.", "The area is 1.500 hectares.", BOTH),
    ("Diện tích 1.500 ha.", "The area is 15,000 hectares.", BOTH),
    ("Diện tích 1.500 ha.", "The area is large.", MISSING),
    ("Diện tích rất lớn.", "The area is 1,500 hectares.", INVENTED),
    ("Cao 2,5 m.", "It is 25 meters high.", BOTH),
    ("Vốn 2,5 tỷ đồng.", "The capital is VND 2.5 million.", BOTH),
    ("Vốn 2,5 tỷ đồng.", "The capital is VND 25 billion.", BOTH),
    ("Vốn 2,5 tỷ đồng.", "The capital is VND 2.5.", BOTH),
    ("Vốn 2.300 tỷ đồng.", "The capital is VND 2,300 million.", BOTH),
    ("Vốn 3 nghìn tỷ đồng.", "The capital is three billion dong.", BOTH),
    ("Giá 500 ngàn đồng.", "The price is 500 dong.", BOTH),
    ("Giá 3 triệu rưỡi.", "The price is 3 million.", BOTH),
    ("Giá từ 10 đến 15 triệu đồng.", "The price is 10 to 50 million dong.", BOTH),
    ("Đạt 12,5%.", "It reached 125%.", BOTH),
    ("Đạt 12,5%.", "It reached 12%.", BOTH),
    ("Tăng 10-15%.", "Up 10%.", MISSING),
    ("Bản đồ tỷ lệ 1/2000.", "A map at 1/200 scale.", BOTH),
    ("Bản đồ tỷ lệ 1/2000.", "A map.", MISSING),
    ("Quy hoạch chi tiết 1/500.", "The detailed 1/5000 plan.", BOTH),
    ("Có 2/3 số hộ đồng ý.", "Three-quarters of the households agreed.", BOTH),
    ("Có 10/12 thôn đạt chuẩn.", "11 out of 12 villages met the standard.", BOTH),
    ("Nghị quyết 57-NQ/TW", "Resolution 75-NQ/TW", BOTH),
    ("Nghị quyết 57-NQ/TW", "the resolution", MISSING),
    ("Nghị định 15/2021/NĐ-CP", "Decree 15/2012/ND-CP", BOTH),
    ("Xe chạy trên Quốc lộ 19.", "The truck ran on National Highway 14.", BOTH),
    ("Xe biển số 81A-123.45.", "The truck with plate 81A-123.54.", BOTH),
    ("Gọi 0905 123 456.", "Call 0905 123 457.", BOTH),
    ("Đại hội lần thứ XV.", "The 16th Congress.", BOTH),
    ("Đại hội lần thứ XV.", "The XIV Congress.", BOTH),
    ("Quốc hội khóa XIII.", "The 12th National Assembly.", BOTH),
    ("2 người bị thương.", "Three people were hurt.", BOTH),
    ("Hai người bị thương.", "Four people were hurt.", INVENTED),
    ("Hai mươi lăm hộ.", "Twenty households.", BOTH),
    ("Một trăm năm mươi con gà.", "115 chickens.", BOTH),
    ("Hàng trăm hộ dân.", "Thousands of households.", BOTH),
    ("Cảng đón hàng trăm tàu.", "The port received ships.", MISSING),
    ("Hai tỉnh có hai cảng lớn.", "The provinces have large ports.", MISSING),
    ("Em từng bỏ học bốn lần.", "She once left school.", MISSING),
    ("Mỏ có ba moong khai thác.", "The mine has pits.", MISSING),
    ("Nhiều người đến.", "Dozens of people came.", INVENTED),
    ("Em Lan, 12 tuổi.", "Lan, a 13-year-old.", BOTH),
    ("Có 1.200 hộ, trong đó 35 hộ nghèo.", "There are 1,200 households.", MISSING),
    ("Phân khu 1 rộng 20 ha.", "Subdivision 2 covers 20 hectares.", BOTH),
    ("Đội thắng 3-1.", "The team won 3-2.", BOTH),
    ("Những năm 1990.", "The 1980s.", BOTH),
    ("Hơn 2.100 ha ớt.", "Fewer than 2,100 hectares of chili.", BOTH),
    ("Gần 300 hộ.", "More than 300 households.", BOTH),
    ("Giá tăng 4,8%.", "Prices went down 4.8%.", BOTH),
    ("Tỷ lệ giảm còn 3,2%.", "The rate rose to 3.2%.", BOTH),
    ("Sản lượng tăng gấp đôi.", "Output tripled.", INVENTED),
    ("Khoảng một phần ba số hộ.", "About a quarter of households.", MISSING),
    ("Không quá 40 lượt.", "More than 40 trips.", BOTH),
    ("Bể chứa 120 m3.", "A tank of 120 liters.", BOTH),
    ("Năng suất 27,8 tạ/ha.", "A yield of 27.8 tonnes per hectare.", BOTH),
    ("Năng suất 27,8 tạ/ha.", "A yield of 0.278 tonnes per hectare.", BOTH),
    ("Ít nhất 20% là công nhân.", "At least a third are workers.", BOTH),
    ("Bị phạt 7 năm 6 tháng tù.", "Sentenced to seven years in prison.", MISSING),
    ("Cho vay nửa tỷ đồng.", "It lent VND50 million.", BOTH),
    ("Về nhất sau 4 phút 12 giây 35.", "First in 4 minutes 12.53 seconds.", BOTH),
]


@pytest.mark.parametrize(("source", "target"), FAITHFUL)
def test_faithful_pairs_show_no_difference(source: str, target: str) -> None:
    difference = compare_quantities(source, target)
    assert ([q.text for q in difference.missing], [q.text for q in difference.invented]) == ([], [])


@pytest.mark.parametrize(("source", "target", "sides"), CORRUPTED)
def test_corrupted_pairs_show_the_right_side(source: str, target: str, sides: set[str]) -> None:
    difference = compare_quantities(source, target)
    found = {name for name in ("missing", "invented") if getattr(difference, name)}
    assert found == sides


def test_difference_is_truthy_only_when_there_is_one() -> None:
    assert compare_quantities("5 hộ", "6 households")
    assert not compare_quantities("5 hộ", "5 households")


def _read_news(label: str) -> list[tuple[str, str]]:
    table = Path(__file__).parent / "data" / "quantities.tsv"
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    return [(source, target) for kind, source, target in rows if kind == label]


@pytest.mark.parametrize(("source", "target"), _read_news("faithful"))
def test_faithful_news_sentences_raise_no_alarm(source: str, target: str) -> None:
    difference = compare_quantities(source, target)
    assert ([q.text for q in difference.missing], [q.text for q in difference.invented]) == ([], [])


@pytest.mark.parametrize(("source", "target"), _read_news("corrupted"))
def test_corrupted_news_sentences_are_caught(source: str, target: str) -> None:
    assert compare_quantities(source, target)


@pytest.mark.parametrize("target", ["he, 18 years old, was jailed", "an 18-year-old was jailed"])
def test_years_in_prison_are_no_age(target):
    difference = compare_quantities("đồng phạm lĩnh 18 năm tù", target)
    assert [one.text for one in difference.missing] == ["18 năm"]
    assert difference.invented


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("lĩnh 18 năm tù", "an 18-year prison term"),
        ("em bé 5 tuổi", "a five-year-old child"),
        ("em bé 5 tuổi", "a child of five years"),
        ("cây 100 năm tuổi", "a 100-year-old tree"),
        ("50 năm tuổi Đảng", "50 years of Party membership"),
        ("dưới 18 tuổi", "under 18"),
    ],
)
def test_spans_and_ages_that_agree(source, target):
    assert not compare_quantities(source, target)
