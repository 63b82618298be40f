"""A scripted sequence-to-sequence engine, and the item that it summarises."""

import re

from models.attribution import Paragraph
from models.engine import EngineTraits
from models.fidelity import IssueKind
from models.summarizer import SummaryMethod
from tests.fake_engine import FakeEngine

ITEM = [
    Paragraph(1, "Khai trương chợ nông sản", "Farm market opens"),
    Paragraph(
        2,
        "Chiều 7-9, xã Ia Mơ khai trương chợ nông sản với 46 gian hàng.",
        "On the afternoon of September 7, Ia Mo Commune opened a farm market with 46 stalls.",
    ),
    Paragraph(
        5,
        "Bà Trần Thị Nụ cho biết chợ bán gạo và mật ong.",
        "Ms. Tran Thi Nu said the market sells rice and honey.",
    ),
]
LEAD = "Ia Mo Commune opened a farm market with 46 stalls."
REST = "It sells rice and honey."
NU = "Tran Thi Nu said so."
LONG = LEAD.replace("market", "market for rice and for honey and for more of such things")
LOOP = "The market, the market, the market, the market, the market, the."


class Seq2SeqEngine(FakeEngine):
    """Has a window in words, and one token more around every source."""

    def __init__(self, answer, window=None, language="en", beam_size=5):
        super().__init__(answer)
        self.rounds = []
        self._traits = EngineTraits(
            instructed=False, window=window, beam_size=beam_size, language=language
        )

    @property
    def traits(self):
        return self._traits

    def count_tokens(self, sources):
        return [len(source.split()) + 1 for source in sources]

    def generate(self, inputs, options):
        assert max(self.count_tokens([one.source for one in inputs])) <= (
            self._traits.window or 10**6
        )
        self.rounds.append([one.source for one in inputs])
        return super().generate(inputs, options)


def by_turns(*answers):
    """Give the answers one after the other, the last of them for ever."""
    left = list(answers)
    return lambda one, _: left.pop(0) if len(left) > 1 else left[0]


def assert_fell_back(summary, reason):
    assert summary.method is SummaryMethod.EXTRACTIVE
    assert summary.text.startswith(("On the afternoon of September 7", "Farm market opens"))
    [issue] = summary.issues
    assert issue.kind is IssueKind.SUMMARY and reason in issue.message
    return issue


def words_in(texts):
    return re.findall(r"\w+", " ".join(texts))
