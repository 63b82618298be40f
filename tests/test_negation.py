"""Negation lost, negation made up, and the many words that only look negative."""

import pytest

from models.negation import compare_negation

KEPT = [
    ("Xã chưa có chợ.", "The commune does not have a market yet."),
    ("Xã chưa có chợ.", "The commune has yet to get a market."),
    ("Xã không có chợ.", "The commune lacks a market."),
    ("Lũ không cho xe qua.", "Floods kept trucks from passing."),
    ("Đập chưa hết nguy hiểm.", "The dam is still dangerous."),
    ("Chưa hết mưa, đường đã hỏng.", "The road broke down before the rain was over."),
    ("Ông không biết chữ.", "He is illiterate."),
    ("Ông không biết chữ.", "He can’t read."),
    ("Kết quả không rõ ràng.", "The result is unclear."),
    ("Trận đấu không có bàn thắng.", "The match was goalless."),
    ("Cấm xe tải vào phố.", "Trucks are banned from the street."),
    ("Cấm xe tải vào phố.", "The street is closed to trucks."),
    ("Không ai vắng mặt.", "Nobody was absent."),
    ("Bà con đừng đến gần bờ kè.", "Residents should keep away from the embankment."),
    ("Người dân không phải trả tiền.", "Residents get it free of charge."),
    ("Không được xả rác khi chưa có phép.", "Dumping waste before getting a permit is prohibited."),
    ("Có 96 hồ sơ. Chỉ 11 hồ sơ không đạt.", "There are 96 files. All but 11 passed."),
]
NOT_NEGATIVE = [
    ("Không chỉ lúa mà cả ngô cũng được mùa.", "Both rice and corn did well."),
    ("Tỉnh không ngừng phát triển.", "The province keeps developing."),
    ("Không gian xanh được mở rộng.", "The green space was extended."),
    ("Hãng hàng không mở đường bay.", "The airline opened a route."),
    ("Ông Giàng A Chớ dựng nhà.", "Giang A Cho built a house."),
    ("Cử tri hỏi đường có mở rộng hay không.", "Voters asked whether the road would be widened."),
    ("Ông có đi không?", "Are you going?"),
    ("Có không ít khó khăn.", "There are quite a few difficulties."),
    ("Chưa đầy 36 giờ sau, nghi phạm bị bắt.", "The suspect was held within 36 hours."),
    ("Lần đầu tiên chưa từng có.", "It is the first ever."),
    ("Không quá 40 lượt mỗi đêm.", "At most 40 trips a night."),
    ("Nghị định số 5 có hiệu lực.", "Decree No. 5 takes effect."),
    ("Cả lúa và ngô đều được mùa.", "Not only rice but also corn did well."),
    ("Thời hạn là 5-3.", "It is due no later than March 5."),
]


@pytest.mark.parametrize(("source", "target"), KEPT + NOT_NEGATIVE)
def test_what_is_kept_is_not_reported(source, target):
    difference = compare_negation(source, target)
    assert (difference.missing, difference.invented) == ((), ())


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [
        ("Xã chưa có chợ.", "The commune has a market.", "chưa"),
        ("Vụ cháy không gây thiệt hại về người.", "The fire caused human losses.", "không"),
        ("Hộ dân không nhận tiền vì không đồng ý giá.", "They took it as they disagreed.", "không"),
        ("Không có phép không được khai thác.", "Those unlicensed may extract it.", "Không"),
        ("Cấm xe tải vào phố.", "Trucks may enter the street.", "Cấm"),
        ("Chợ đông. Chợ không có nước.", "The market is not quiet. It has water.", "không"),
    ],
)
def test_a_lost_negation_is_shown(source, target, word):
    assert compare_negation(source, target).missing == (word,)


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [
        ("Xã có chợ.", "The commune does not have a market.", "not"),
        ("Tất cả mẫu đều dương tính.", "None of the samples was positive.", "None"),
        ("Tỉnh duyệt dự án.", "The province didn’t approve the project.", "n’t"),
    ],
)
def test_a_negation_of_the_targets_own_is_shown(source, target, word):
    assert compare_negation(source, target).invented == (word,)
