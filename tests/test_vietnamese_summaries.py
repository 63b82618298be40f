"""Summaries written in Vietnamese and then translated, and real tiny checkpoints of both kinds."""

import pytest

from models.attribution import Paragraph
from models.catalogue import Catalogue, FolderCheckpoint, ModelCard
from models.engine import EngineSettings
from models.english import count_words
from models.errors import BadConfig, EngineFailed
from models.lexicon import load_lexicon
from models.recipes import Recipe
from models.store import WeightsStore
from models.summarizer import SummarizeOptions, Summarizer, SummaryMethod, SummaryStyle
from models.transformers_engine import load
from models.translator import Translator
from tests.fake_engine import FAIL, FakeEngine, echo
from tests.seq2seq_lab import ITEM, LEAD, LONG, Seq2SeqEngine, assert_fell_back, by_turns, words_in
from tests.tiny_checkpoints import make_checkpoint

LEAD_VI = "Xã Ia Mơ khai trương chợ nông sản với 46 gian hàng."
REST_VI = "Bà Nụ cho biết chợ bán gạo."
WRONG_VI = "Chợ có 64 gian hàng."
ENGLISH = {
    LEAD_VI: LEAD,
    REST_VI: "Ms. Nu said the market sells rice.",
    WRONG_VI: "The market has 64 stalls.",
}


def summarize_vietnamese(*answers, english=ENGLISH, window=None, item=ITEM, **options):
    engine = Seq2SeqEngine(by_turns(*answers), window, "vi")
    translating = FakeEngine(lambda one, _: english[one.source.strip()], "fake-translator")
    translator = Translator(translating, load_lexicon())
    summarizer = Summarizer(engine, translator)
    return summarizer.summarize(item, SummarizeOptions(**options)), engine, translating


def test_a_vietnamese_model_gets_the_source_and_its_summary_is_translated():
    summary, engine, translating = summarize_vietnamese(f"{LEAD_VI} {REST_VI}")
    [(one, options)] = engine.calls
    assert one.source == f"Khai trương chợ nông sản. {ITEM[1].source} {ITEM[2].source}"
    assert options.ascii_only is False
    assert summary.text == f"{LEAD} {ENGLISH[REST_VI]}"
    assert (summary.method, summary.issues) == (SummaryMethod.ABSTRACTIVE, ())
    assert [one.paragraphs[0] for one in summary.sentences] == [2, 5]
    assert (summary.provenance.model, summary.translator.model) == ("fake", "fake-translator")
    assert {one.source for one, _ in translating.calls} == {LEAD_VI, REST_VI}


def test_no_more_is_translated_than_the_style_allows():
    summary, _, translating = summarize_vietnamese(
        f"{LEAD_VI} {REST_VI}", style=SummaryStyle.SENTENCE
    )
    assert summary.text == LEAD
    assert {one.source for one, _ in translating.calls} == {LEAD_VI}


def test_a_figure_changed_in_the_vietnamese_summary_costs_its_sentence():
    summary, _, translating = summarize_vietnamese(f"{LEAD_VI} {WRONG_VI} {REST_VI}")
    assert summary.text == f"{LEAD} {ENGLISH[REST_VI]}"
    assert WRONG_VI not in {one.source for one, _ in translating.calls}
    again, engine, _ = summarize_vietnamese(WRONG_VI, LEAD_VI)
    assert (again.text, again.attempts, len(engine.calls)) == (LEAD, 2, 2)
    issue = assert_fell_back(summarize_vietnamese(WRONG_VI)[0], "not borne out")
    assert issue.target_value == "64"


def test_a_name_changed_in_the_vietnamese_summary_costs_the_attempt():
    wrong = LEAD_VI.replace("Ia Mơ", "Ia Đơ")
    summary, _, _ = summarize_vietnamese(wrong, LEAD_VI)
    assert (summary.text, summary.attempts) == (LEAD, 2)


def test_a_figure_changed_in_the_translation_costs_its_sentence_or_the_attempt():
    wrong = ENGLISH | {REST_VI: "Ms. Nu said the market sells 64 kg of rice."}
    summary, _, _ = summarize_vietnamese(f"{LEAD_VI} {REST_VI}", english=wrong)
    assert (summary.text, summary.issues) == (LEAD, ())
    wrong = ENGLISH | {LEAD_VI: LEAD.replace("46", "64")}
    summary, engine, _ = summarize_vietnamese(LEAD_VI, english=wrong)
    assert assert_fell_back(summary, "not borne out").target_value == "64"
    assert len(engine.calls) == 2


def test_what_a_translation_lost_is_an_issue_of_the_summary():
    wrong = ENGLISH | {LEAD_VI: "Ia Mo Commune opened a farm market."}
    summary, _, _ = summarize_vietnamese(f"{LEAD_VI} {REST_VI}", english=wrong)
    assert summary.method is SummaryMethod.ABSTRACTIVE
    assert "46" in [issue.source_value for issue in summary.issues]


def test_issues_of_a_sentence_beyond_the_limit_are_not_told():
    wrong = ENGLISH | {REST_VI: "Ms. Nu sells."}
    summary, _, _ = summarize_vietnamese(
        f"{LEAD_VI} {REST_VI}", english=wrong, max_words=count_words(LEAD)
    )
    assert (summary.text, summary.issues) == (LEAD, ())


def test_a_translation_beyond_the_limit_is_tried_again_shorter():
    english = ENGLISH | {LEAD_VI: LONG}
    second = "Chợ bán gạo."
    summary, engine, _ = summarize_vietnamese(
        LEAD_VI, second, english=english | {second: "The market sells rice."}, max_words=12
    )
    assert (summary.text, engine.calls[1][1].length_penalty) == ("The market sells rice.", 0.0)


def test_the_users_glossary_reaches_the_translation():
    _, _, translating = summarize_vietnamese(LEAD_VI, glossary=(("chợ nông sản", "farm mart"),))
    assert "chợ nông sản = farm mart" in translating.calls[0][0].instruction


def test_a_long_vietnamese_item_goes_by_groups():
    source = " ".join(f"Gian hàng số {n} bán gạo và mật ong." for n in range(20))
    engine_answers = ["Gian hàng bán gạo.", "Chợ bán gạo."]
    item = [Paragraph(1, source, "The stalls sell rice.")]
    summary, engine, _ = summarize_vietnamese(
        *[engine_answers[0]] * 4,
        engine_answers[1],
        english={"Chợ bán gạo.": "The market sells rice."},
        window=70,
        item=item,
    )
    assert [len(batch) for batch in engine.rounds] == [4, 1]
    assert words_in(engine.rounds[0]) == words_in([source])
    assert summary.text == "The market sells rice."


def test_a_vietnamese_model_needs_a_translator():
    with pytest.raises(BadConfig, match="give it a translator"):
        Summarizer(Seq2SeqEngine(by_turns(LEAD_VI), language="vi"), None)


def test_a_failing_engine_is_an_error():
    with pytest.raises(EngineFailed):
        summarize_vietnamese(LEAD_VI, item=[Paragraph(1, f"Gạo {FAIL}", "")])


@pytest.mark.parametrize("words", [10, 60])
@pytest.mark.parametrize("item", [ITEM[:1], ITEM, ITEM * 4])
@pytest.mark.parametrize(("family", "language"), [("bart", "en"), ("pegasus", "en"), ("t5", "vi")])
def test_random_weights_end_in_sentences_of_the_item(family, language, item, words, tmp_path):
    card = ModelCard(
        name=f"tiny-{family}",
        tasks=("summarize",),
        family=family,
        engine="transformers",
        licence="Apache-2.0",
        commercial_use=True,
        notes="",
        context=64,
        chat_format=None,
        checkpoint=FolderCheckpoint(make_checkpoint(family, tmp_path / "tiny")),
        recipe=Recipe(language=language),
    )
    store = WeightsStore(tmp_path / "store", Catalogue({card.name: card}, {}))
    engine = load(card, store, EngineSettings(device="cpu", threads=1, beam_size=2))
    summarizer = Summarizer(engine, Translator(FakeEngine(echo), load_lexicon()))
    summary = summarizer.summarize(item, SummarizeOptions(max_words=words))
    assert_fell_back(summary, "The model's summary")
    assert summary.words <= words
    assert summary.provenance.model == card.name
