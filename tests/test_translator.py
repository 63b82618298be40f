"""The translator with an engine that answers by script."""

import pytest

from models.engine import DecodeOptions, EngineInput, EngineTraits
from models.errors import BadConfig, InputTooLong
from models.fidelity import IssueKind
from models.lexicon import load_lexicon
from models.translator import SEGMENT_LIMIT, TranslateOptions, Translator
from tests.fake_engine import FakeEngine

SOURCE = "Sáng 5-6, ông Lê Văn Tám trao 46 suất quà tại xã Ia Mơ."
RIGHT = "On the morning of June 5, Mr. Le Van Tam presented 46 gifts in Ia Mo Commune."


def translator_with(answer) -> tuple[Translator, FakeEngine]:
    engine = FakeEngine(answer)
    return Translator(engine, load_lexicon()), engine


def scripted(*answers: str):
    """Answer call by call; the last answer repeats."""
    left = list(answers)
    return lambda one, options: left.pop(0) if len(left) > 1 else left[0]


def by_source(answers: dict[str, str]):
    """Answer by the beginning of the source."""

    def answer(one: EngineInput, options: DecodeOptions) -> str:
        return next(text for start, text in answers.items() if one.source.startswith(start))

    return answer


def test_a_right_first_attempt_is_taken_as_the_model_said_it():
    translator, engine = translator_with(scripted(RIGHT))
    [done] = translator.translate([SOURCE])
    assert (done.target, done.issues, done.attempts) == (RIGHT, (), 1)
    assert len(engine.calls) == 1
    assert done.provenance.model == "fake"
    assert done.provenance.options.max_tokens is not None


def test_the_prompt_carries_terms_names_and_figures_of_the_segment():
    translator, engine = translator_with(scripted(RIGHT))
    translator.translate([SOURCE])
    [(one, options)] = engine.calls
    assert one.source == SOURCE
    for line in ("Sáng 5-6 = On the morning of June 5", "Lê Văn Tám = Le Van Tam"):
        assert line in one.instruction
    assert "Ia Mo" in one.instruction
    assert options.temperature == 0 and options.ascii_only


def test_the_users_glossary_reaches_the_prompt_and_wins():
    translator, engine = translator_with(scripted(RIGHT))
    glossary = (("suất quà", "gift packages"), ("xã", "parish"))
    translator.translate([SOURCE], TranslateOptions(glossary=glossary))
    instruction = engine.calls[0][0].instruction
    assert "suất quà = gift packages" in instruction
    assert "parish" in instruction and "commune" not in instruction.lower()


@pytest.mark.parametrize(
    ("wrong", "kind", "demanded"),
    [
        (RIGHT.replace("46 ", ""), IssueKind.NUMBER, "46"),
        (RIGHT.replace("46", "64"), IssueKind.NUMBER, "46"),
        (RIGHT.replace("June 5", "May 6"), IssueKind.DATE, "June 5"),
        (RIGHT.replace("Le Van Tam", "Do Thi Hung"), IssueKind.NAME, "Le Van Tam"),
        (RIGHT.replace("46 gifts", "46 suat qua"), IssueKind.UNTRANSLATED, "suat qua"),
    ],
)
def test_a_wrong_first_attempt_is_tried_again_with_the_issue_stated(wrong, kind, demanded):
    translator, engine = translator_with(scripted(wrong, RIGHT))
    [done] = translator.translate([SOURCE])
    assert (done.target, done.issues, done.attempts) == (RIGHT, (), 2)
    first, second = (one.instruction for one, _ in engine.calls)
    assert demanded in second.removeprefix(first)
    translator, _ = translator_with(scripted(wrong))
    [kept] = translator.translate([SOURCE])
    assert kind in {issue.kind for issue in kept.issues}


def test_a_missing_term_of_the_users_own_is_tried_again_and_a_built_in_one_only_told():
    glossary = (("suất quà", "gift hampers"),)
    better = RIGHT.replace("gifts", "gift hampers")
    translator, engine = translator_with(scripted(RIGHT, better))
    [done] = translator.translate([SOURCE], TranslateOptions(glossary=glossary))
    assert (done.target, done.issues, done.attempts) == (better, (), 2)
    assert "must contain: gift hampers" in engine.calls[1][0].instruction
    assert [(one.source, one.used) for one in done.terms if one.user] == [
        ("suất quà", "gift hampers")
    ]
    translator, engine = translator_with(scripted(RIGHT))
    [kept] = translator.translate([SOURCE], TranslateOptions(glossary=glossary))
    assert [one.kind for one in kept.issues] == [IssueKind.TERM]
    translator, engine = translator_with(scripted(RIGHT.replace("Commune", "village")))
    [told] = translator.translate([SOURCE])
    assert [(one.source, one.used) for one in told.terms if one.used is None] == [("xã", None)]
    assert (told.issues, len(engine.calls)) == ((), 1)


def test_the_terms_of_a_paragraph_are_told_once_and_in_order():
    text = f"{SOURCE} Xã có 12 thôn. Ông Lê Văn Tám trao thêm tiền cho các thôn."
    translator, _ = translator_with(lambda one, options: one.source)
    [done] = translator.translate([text], TranslateOptions(glossary=(("tiền", "money"),)))
    sources = [one.source for one in done.terms]
    assert len(set(sources)) == len(sources) == len({one.target for one in done.terms})
    assert [one for one in sources if one in ("xã", "thôn", "tiền")] == ["xã", "thôn", "tiền"]
    assert [one.source_value for one in done.issues if one.kind is IssueKind.TERM] == ["tiền"]


def test_a_loop_is_tried_again_with_repetition_discouraged_and_flagged_if_it_stays():
    loop = "the gifts, the gifts, the gifts, the gifts, the gifts, the gifts"
    translator, engine = translator_with(scripted(loop))
    [done] = translator.translate([SOURCE])
    assert IssueKind.REPETITION in {issue.kind for issue in done.issues}
    assert [options.repeat_penalty > 1 for _, options in engine.calls] == [False, True]
    assert [options.temperature > 0 for _, options in engine.calls] == [False, True]
    assert done.attempts == 2


def test_the_attempt_with_the_fewest_issues_is_kept():
    without_number = RIGHT.replace("46 ", "")
    translator, _ = translator_with(scripted("Nothing of it.", without_number, "Nothing of it."))
    [done] = translator.translate([SOURCE])
    assert done.target == without_number
    assert [issue.source_value for issue in done.issues] == ["46"]


def test_output_cut_at_the_token_limit_is_never_silent():
    translator, _ = translator_with(scripted(RIGHT + "<cut>"))
    [done] = translator.translate([SOURCE])
    assert IssueKind.TRUNCATED in {issue.kind for issue in done.issues}


def test_a_paragraph_that_fails_is_translated_sentence_by_sentence():
    second = "Mưa lớn làm hỏng 3 km đường."
    answers = {
        f"{SOURCE} {second}": RIGHT,  # the second sentence is lost
        SOURCE: RIGHT,
        second: "Heavy rain damaged 3 km of road.",
    }
    translator, _ = translator_with(by_source(answers))
    [done] = translator.translate([f"{SOURCE} {second}"])
    assert done.target == f"{RIGHT} Heavy rain damaged 3 km of road."
    assert (done.issues, done.attempts) == ((), 3)


def test_segments_come_back_in_order_one_for_one():
    translator, _ = translator_with(lambda one, options: f"<{one.source}>")
    done = translator.translate(["Chợ họp.", "Mưa to.", "Lúa chín."])
    assert [one.source for one in done] == ["Chợ họp.", "Mưa to.", "Lúa chín."]
    assert [one.target for one in done] == ["<Chợ họp.>", "<Mưa to.>", "<Lúa chín.>"]


def test_a_long_paragraph_goes_in_parts_and_none_is_lost():
    sentences = [f"Thôn {n} có thêm nhiều vườn cà phê xanh tốt." for n in range(100, 160)]
    translator, engine = translator_with(lambda one, options: one.source)
    [done] = translator.translate([" ".join(sentences)])
    assert max(len(one.source) for one, _ in engine.calls) <= SEGMENT_LIMIT
    assert all(str(n) in done.target for n in range(100, 160))


class SmallContext(FakeEngine):
    """Refuses what exceeds a number of characters, as a full context does."""

    def __init__(self, limit: int) -> None:
        super().__init__(lambda one, options: one.source)
        self.limit = limit

    def generate(self, inputs, options):
        for one in inputs:
            if len(one.source) > self.limit:
                raise InputTooLong(f"The segment that begins “{one.source[:10]}” is too long.")
        return super().generate(inputs, options)


def test_a_segment_beyond_the_context_is_split_further():
    engine = SmallContext(60)
    text = "Sông dâng cao, nước tràn qua đường; dân làng dựng lều, nấu cơm, chờ nước rút."
    [done] = Translator(engine, load_lexicon()).translate([text])
    assert done.target.replace(" ", "") == text.replace(" ", "")
    assert len(engine.calls) >= 2


def test_a_segment_that_cannot_be_split_is_named():
    with pytest.raises(InputTooLong, match="xxxxxxxxxx"):
        Translator(SmallContext(60), load_lexicon()).translate(["x" * 500])


def test_diacritics_come_back_into_names_when_asked():
    translator, _ = translator_with(scripted(RIGHT))
    [done] = translator.translate([SOURCE], TranslateOptions(keep_diacritics=True))
    assert "Lê Văn Tám" in done.target and "Ia Mơ" in done.target
    assert "presented 46 gifts" in done.target


@pytest.mark.parametrize("segment", ["  \n", "---", "|---|---|", "* * *", "12 - 5"])
def test_what_has_no_letter_needs_no_engine(segment):
    translator, engine = translator_with(scripted("x"))
    [done] = translator.translate([segment])
    assert (done.target, done.issues, engine.calls) == (segment.strip(), (), [])


@pytest.mark.parametrize("length", [700, 1300])
def test_a_long_address_that_fits_the_context_fails_nothing(length):
    text = f"Xem thêm tại https://example.org/{'a' * length} để biết chi tiết về 46 hộ."
    translator, _ = translator_with(lambda one, options: one.source)
    [done] = translator.translate([text])
    assert "a" * length in done.target and "46" in done.target


def test_a_glossary_is_trimmed_and_an_empty_term_refused():
    translator, engine = translator_with(scripted(RIGHT))
    translator.translate([SOURCE], TranslateOptions(glossary=((" suất quà ", " gifts "),)))
    assert "suất quà = gifts" in engine.calls[0][0].instruction
    with pytest.raises(BadConfig):
        translator.translate([SOURCE], TranslateOptions(glossary=(("xã", " "),)))


def test_a_paragraph_goes_in_pairs_of_sentences():
    answers = {"Chợ": "The market met early. It rained hard.", "Lúa": "The rice is ripe."}
    translator, engine = translator_with(by_source(answers))
    [done] = translator.translate(["Chợ họp sớm. Mưa rất to. Lúa chín vàng."])
    assert [one.source for one, _ in engine.calls] == ["Chợ họp sớm. Mưa rất to.", "Lúa chín vàng."]
    assert done.target == "The market met early. It rained hard. The rice is ripe."
    assert (done.issues, done.attempts) == ((), 2)


DEDICATED = EngineTraits(instructed=False, batch_tokens=512, beam_size=5)
PARAGRAPH = f"{SOURCE} Xã có 12 thôn. Xã Ia Mơ giáp biên giới."
ENGLISH = {
    "Sáng": RIGHT,
    "Xã có": "The commune has 12 villages.",
    "Xã Ia Mơ": "Ia Mo Commune lies on the border.",
}


def dedicated_with(answer, **options) -> tuple[Translator, FakeEngine]:
    engine = FakeEngine(answer, traits=DEDICATED)
    return Translator(engine, load_lexicon(), **options), engine


def test_a_dedicated_model_gets_the_single_sentences_of_all_segments_in_one_batch():
    translator, engine = dedicated_with(by_source(ENGLISH))
    done = translator.translate([PARAGRAPH, SOURCE, "***"])
    assert [one.target for one in done] == [" ".join(ENGLISH.values()), RIGHT, "***"]
    assert [one.attempts for one in done] == [3, 1, 0]
    assert engine.batches == [4]
    assert {one.instruction for one, _ in engine.calls} == {""}
    [options] = {options for _, options in engine.calls}
    assert (options.beam_size, options.max_tokens, options.ascii_only) == (5, None, True)


def test_a_dedicated_models_failures_share_their_second_rounds():
    wrong = RIGHT.replace("46", "64")
    second = SOURCE.replace("46", "17")
    answers = {False: wrong, True: RIGHT}
    translator, engine = dedicated_with(lambda one, options: answers[options.beam_size != 5])
    first, other = translator.translate([SOURCE, second])
    assert (first.target, first.issues, first.attempts) == (RIGHT, (), 2)
    assert {one.kind for one in other.issues} == {IssueKind.NUMBER} and other.attempts == 3
    assert engine.batches == [2, 2, 1]
    sampled = engine.calls[-1][1]
    assert (sampled.beam_size, sampled.temperature > 0) == (1, True)


def test_without_second_attempts_the_checks_only_warn():
    translator, engine = dedicated_with(lambda one, options: "Nothing.", second_attempts=False)
    [done] = translator.translate([PARAGRAPH])
    assert done.issues and done.attempts == 3
    assert engine.batches == [3]


def test_one_piece_beyond_the_window_takes_no_other_with_it():
    def answer(one: EngineInput, options: DecodeOptions) -> str:
        if len(one.source) > 40 and one.source.startswith("Xã Ia"):
            raise InputTooLong("too long")
        return next(
            (text for start, text in ENGLISH.items() if one.source.startswith(start)), "It."
        )

    translator, engine = dedicated_with(answer, second_attempts=False)
    long = "Xã Ia Mơ giáp biên giới và có nhiều đồng bào sinh sống."
    done = translator.translate([SOURCE, long])
    assert done[0].target == RIGHT
    assert done[1].source == long and done[1].attempts > 1
    assert engine.batches[0] == 2


@pytest.mark.parametrize(
    ("source", "said", "target"),
    [
        (
            "Bà Sương là Phó Bí thư Thường trực Tỉnh ủy; ông Tám là Phó Bí thư Tỉnh ủy.",
            "Ms. Suong is Deputy Secretary of the Provincial Party Committee; Mr. Tam is Deputy "
            "Secretary of the Provincial Party Committee.",
            "Ms. Suong is Permanent Deputy Secretary of the Provincial Party Committee; Mr. Tam is "
            "Deputy Secretary of the Provincial Party Committee.",
        ),
        (
            "Chiều 3-10, xã Ia Mơ có hơn 212 ha lúa.",
            "On October 3, Ia Mo Commune had 212 hectares of rice.",
            "On the afternoon of October 3, Ia Mo Commune had more than 212 hectares of rice.",
        ),
        (
            "Ông Tám bị xử lý theo khoản 4, Điều 251.",
            "Mr. Tam was handled under Article 4, Section 251.",
            "Mr. Tam was handled under Clause 4, Article 251.",
        ),
    ],
)
def test_what_the_source_settles_is_put_right_before_it_is_checked(source, said, target):
    translator, engine = translator_with(scripted(said))
    [done] = translator.translate([source])
    assert (done.target, done.issues, len(engine.calls)) == (target, (), 1)


SECOND = "Mưa lớn làm hỏng 3 km đường."
SECOND_RIGHT = "Heavy rain damaged 3 km of road."


def test_of_two_sentences_only_the_one_at_fault_is_tried_again():
    answers = {
        f"{SOURCE} {SECOND}": f"{RIGHT} {SECOND_RIGHT.replace('3', '8')}",
        SECOND: SECOND_RIGHT,
    }
    translator, engine = translator_with(by_source(answers))
    [done] = translator.translate([f"{SOURCE} {SECOND}"])
    assert (done.target, done.issues, done.attempts) == (f"{RIGHT} {SECOND_RIGHT}", (), 2)
    assert [one.source for one, _ in engine.calls] == [f"{SOURCE} {SECOND}", SECOND]
    assert "must contain: 3" in engine.calls[1][0].instruction


@pytest.mark.parametrize(
    "wrong",
    [
        f"{RIGHT.replace('46', '64')} {SECOND_RIGHT.replace('3', '8')}",  # both are at fault
        f"{RIGHT[:-1]}, and heavy rain damaged 8 km of road.",  # nothing tells them apart
    ],
)
def test_two_sentences_are_tried_again_together_where_both_may_be_at_fault(wrong):
    right = f"{RIGHT} {SECOND_RIGHT}"
    translator, engine = translator_with(scripted(wrong, right))
    [done] = translator.translate([f"{SOURCE} {SECOND}"])
    assert (done.target, done.issues, done.attempts) == (right, (), 2)
    assert {one.source for one, _ in engine.calls} == {f"{SOURCE} {SECOND}"}


def test_a_part_that_gets_worse_leaves_the_draft_alone():
    draft = f"{RIGHT} {SECOND_RIGHT.replace('3', '8')}"
    answers = {f"{SOURCE} {SECOND}": draft, SECOND: "Nothing of 5, 6 or 7 happened."}
    translator, _ = translator_with(by_source(answers))
    [done] = translator.translate([f"{SOURCE} {SECOND}"])
    assert (done.target, done.attempts) == (draft, 2)
    assert {one.kind for one in done.issues} == {IssueKind.NUMBER}


TAGS = "Từ khóa: Ia Mơ, cà phê, sầu riêng"


def test_a_list_that_the_model_talks_about_is_translated_entry_by_entry():
    talk = "Here is the English translation of the text, complete: Keep every name and number."
    answers = {
        TAGS: talk,
        "Từ khóa: Ia Mơ,": "Keywords: Ia Mo.",
        "cà phê": "coffee",
        "sầu riêng": "durian",
    }
    translator, _ = translator_with(by_source(answers))
    [done] = translator.translate([TAGS])
    assert (done.target, done.issues) == ("Keywords: Ia Mo, coffee, durian", ())


def test_a_sentence_with_commas_is_no_list():
    source = "Xã Ia Mơ mở chợ, bán gạo, bán cà phê cho người dân của các xã vùng biên giới."
    translator, engine = translator_with(scripted("Here is the translation: Rice."))
    translator.translate([source])
    assert {one.source for one, _ in engine.calls} == {source}
