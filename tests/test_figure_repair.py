import pytest

from models.figure_repair import restore_bounds, restore_day_parts


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (
            "Tỉnh có hơn 212.000 ha cà phê",
            "The province has 212,000 hectares of coffee.",
            "The province has more than 212,000 hectares of coffee.",
        ),
        ("chi gần 3 nghìn tỷ đồng", "VND 3 trillion went.", "Nearly VND 3 trillion went."),
        ("Hơn 200 hộ", "Two hundred households", "More than two hundred households"),
        ("khoảng 40 tấn cá", "They lost 40 tons of fish.", "They lost about 40 tons of fish."),
        ("đạt trên 80% kế hoạch", "reached 80% of the plan", "reached more than 80% of the plan"),
        ("chưa đầy 36 giờ", "It took 36 hours.", "It took less than 36 hours."),
    ],
)  # fmt: skip
def test_a_lost_bound_comes_back(source, target, expected):
    assert restore_bounds(source, target) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("hơn 212.000 ha", "over 212,000 hectares"),
        ("hơn 212.000 ha", "212,000 hectares or more"),
        ("gần 45.000 ha", "about 45,000 hectares"),
        ("hơn 200 hộ", "the 200 households"),
        ("hơn 200 hộ", "a 200-household hamlet"),
        ("hơn 200 hộ", "210 households"),
        ("hơn 200 hộ, trong đó 200 hộ nghèo", "200 households, 200 of them poor"),
        ("hơn 200 hộ", "200 households; of the whole, 200 are poor"),
        ("trên 3 tuyến đường", "on 3 roads"),
        ("200 hộ", "200 households"),
        ("thấp hơn 11,7 điểm phần trăm", "lower by 11.7 percentage points"),
        ("tăng nhiều hơn 5 con", "5 more animals"),
        ("triển khai trên 63 tỉnh", "rolled out in 63 provinces"),
        ("trên 20 tuyến phố bị ngập", "Water covered 20 streets"),
        ("người trên 60 tuổi", "those aged 60 and over"),
        ("người trên 60 tuổi", "residents 60 years and older"),
        ("nhà ở gần 2 trường học", "a house next to two schools"),
        ("hơn 3 điểm so với đội nhì", "3 points ahead of the runners-up"),
        ("không quá 30%", "capped at 30%"),
        ("không quá 5 triệu đồng", "as high as VND5 million"),
        ("hơn 200 hộ còn lại", "the remaining 200 households"),
        ("hơn 200 hộ", "a further 200 households"),
        ("ít nhất 3 người chết", "Three people died, at the very least"),
        ("lúc 7 giờ sáng, hơn 200 người", "At 7 a.m. 200 people came"),
        ("hơn 200 con", "better than 200 head"),
        ("khoảng 40 người", "40 odd people"),
        ("hơn 1 năm", "One of the families waited"),
    ],
)
def test_figures_that_have_a_bound_or_may_not_get_one_stay(source, target):
    assert restore_bounds(source, target) == target


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("Chiều 3-10", "On October 3, it ended.", "On the afternoon of October 3, it ended."),
        ("họp sáng 5/6", "The meeting was on June 5.", "The meeting was on the morning of June 5."),
        ("Từ chiều 3-10", "From October 3", "From the afternoon of October 3"),
        ("Trưa 2-9", "It left on September 2", "It left at noon on September 2"),
        ("Rạng sáng 7/8", "So. August 7 it broke.", "So. In the early hours of August 7 it broke."),
    ],
)  # fmt: skip
def test_a_lost_part_of_the_day_comes_back(source, target, expected):
    assert restore_day_parts(source, target) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Chiều 3-10", "On the afternoon of October 3"),
        ("Chiều 3-10", "At 3 p.m. on October 3"),
        ("Chiều 3-10", "On October 4"),
        ("Chiều 3-10", "at the end of October 3"),
        ("Chiều nay", "Today"),
        ("đêm 29, rạng sáng 30-9", "On September 29 and 30"),
        ("Ngày 3-10", "On October 3"),
        ("Chiều 3-10", "On October 3, after lunch"),
        ("Từ sáng 3-10 đến chiều 3-10", "all day long on October 3"),
        ("Sáng 3-10 và chiều 3-10", "They met in both halves of October 3; on October 3 it rained"),
        ("Sáng 3-10 và tối 3-10", "On October 3 they met"),
    ],
)
def test_dates_that_need_nothing_or_cannot_be_helped_stay(source, target):
    assert restore_day_parts(source, target) == target
