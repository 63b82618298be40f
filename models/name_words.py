"""Word lists that tell Vietnamese names from other capitalised words."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split("|"))


FAMILY_NAMES = _words(
    """nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh trịnh lương
    mai cao châu chu đào đoàn giang hà hứa kiều kim la lâm lại lưu mạc nghiêm nông phùng quách
    tạ tăng thái thân thạch tiêu tô tôn tống triệu trương từ văn vi viên vương bạch âu bế chử
    cù cung diệp doãn đàm đậu đồng đổng hàn khúc khuất khương lã lục lò lầu lường ma mã mẫn
    nhâm ninh phí phó quan sùng sầm thào thẩm thiều ứng vàng vừ giàng hạng cháng giáp lộc trang
    tòng rơ siu ksor kpă nay rah rmah rơmah puih kpuih rcom hiao y h blo briu zơrâm alăng"""
)

# Family names that are everyday words too: alone they do not make a person.
WEAK_FAMILY_NAMES = _words(
    """mai cao hà giang kim la từ văn đồng quan tiêu thân trang viên vi cung lại ninh phó nông
    tăng thái nay y h kiều lục ứng vàng tô hồ đoàn lộc ma lò đào châu"""
)

PERSON_PREFIXES = _words("y rơ siu ksor kpă rah rmah rơmah puih kpuih rcom hiao rlan k")
PLACE_PREFIXES = _words("ia chư kon đắk đăk đak ea krông buôn plei cư kông ayun mang sê")

# Capitalised only because they open a sentence.
OPENERS = _words(
    """sau trước tại ở theo từ đến tới với trong ngoài khi do vì nếu dù tuy nhưng và hoặc còn
    cùng cũng như bên về cho để bởi nhờ qua trên dưới giữa gần hơn khoảng cả các những mọi mỗi
    một năm ngày đêm sáng chiều trưa tối tháng quý mùa hôm nay hiện đang đã sẽ vừa riêng nhất
    đặc nhiều ít đó đây này kể tính nói được bị là có không chưa hãy nên vậy rồi thì mà ông bà
    anh chị em cô chú bác cậu dì cụ già thầy cháu vợ chồng cha bố con tôi ta họ nó ai sao tỉnh
    huyện xã phường quận thôn làng buôn bản ấp suối đèo đảo đường cầu chợ chùa lễ tết xuân
    vùng khối dịp tuyến người dân dự thăm gặp nhân mừng kiểm trao tặng đón chào đi lên xuống ra
    vào vượt nghe xem thấy biết học tin ảnh nguồn video trụ việc đỉnh ga hồ sông núi nhìn đưa
    dịch tiếng vua tướng ngài biển mừng"""
)

# Offices and places of work that open a longer name: Sở Y tế, Trường Trần Phú.
INSTITUTIONS = _words(
    """khu ban sở bộ phòng cục tổng trường hội đoàn đội tổ viện nhà quỹ luật đồn trạm cảng phó
    trưởng nguyên quyền cựu đảng tòa giải cúp vườn khối cụm ngày tuần tỉnh xã huyện phường quận
    thôn làng hạt đài báo nxb vụ lễ tết ga mẹ chùa đền bác thác đồi đình miếu clb lớp chương
    đường cầu chợ suối sông hồ núi đèo đảo tiếng vua tướng ngài"""
)

# Capitalised first syllables of common compounds: one of them alone is never a name.
COMPOUND_STARTS = INSTITUTIONS | _words(
    """chi trung bệnh công nghị ngân tập hợp chủ giám bí ủy uỷ thường chính quốc mặt liên thủ
    thượng đại thiếu tá tướng kế đề dự thông cuộc huân huy bằng danh kỳ quân binh sư tiểu lữ
    khách siêu cửa thành thị tạp cơ thanh hiệp học trụ di sân nước cộng cách nhân nghệ nghĩa
    anh ông bà chị em"""
)

# A capitalised syllable after one of these is a name even when it stands alone.
PERSON_CUES = _words(
    "ông bà anh chị em cô chú bác cụ già thầy cháu chí sĩ tá tướng úy giáo vợ chồng cậu dì hùng tên"
)
PLACE_CUES = _words(
    """tỉnh huyện xã phường quận thôn làng buôn bản ấp trấn phố sông suối núi đèo hồ đảo đường
    cầu chợ khẩu bay cảng thác đồi biển chùa tp nước vịnh mốc ga tộc cao tế"""
)

# Places that a rule above would cut: their first syllable is an opener or an institution.
KNOWN_PLACES = _phrases(
    """hội an|sông cầu|sông hinh|sông mã|sông đốc|hồ gươm|hồ tây|bà nà|bà đen|từ sơn|từ liêm
    |nhà bè|cầu giấy|chợ lớn|chợ mới|chợ gạo|năm căn|cao lãnh|mai châu|mai sơn|hà tiên|kim bôi
    |la gi|đồng hới|đồng xoài|đồng văn|giang thành|văn giang|thái hòa|lục ngạn|ninh giang
    |vị xuyên|biển hồ|đông hà|an nhơn"""
)

ZODIAC_STEMS = _words("giáp ất bính đinh mậu kỷ canh tân nhâm quý")
ZODIAC_BRANCHES = _words("tý sửu dần mão thìn tỵ ngọ mùi thân dậu tuất hợi")

TITLES_EN = _words(
    """mr mrs ms dr prof comrade colonel captain major general lieutenant chairman chairwoman
    secretary director commander uncle"""
)

# English words that open a sentence before a name.
SENTENCE_WORDS_EN = _words(
    """an at but by can do he hi if in it may my no not on or so than that the then they this to
    top too up us you your let see one"""
)

# English words shaped like Vietnamese syllables; a run of these alone is no name.
ENGLISH_LOOKALIKES = _words(
    """a an at be but by can cap cat do go ha hat he hi hot i in it many map may me men met my
    no not on or so sun ten than that the them then they thin this to top up us via ban bang
    bat bin bit cam chat chin chip con cop cup cut den dim dip due duet eat fun gap get got gum
    gun gut hang hit hop hut kin kit lap lay let lit long lot low luck man mat mom nap net new
    nip nun nut pan pat pay pen pet pin pit pop pot put quit ran rap rat ray rip run sat say
    sea see set sin sip sit song sing sum tan tap tea tin tip tom ton too tie toy try you your
    young hung sang rang gang lung key day bay lao thai oh ok am pm ai tet one out hue gong nay
    son chau mau sao ho van y dong"""
)
