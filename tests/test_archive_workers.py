"""The worker of this process: few items ahead, one outcome each, none after a stop."""

import itertools
import json
import threading

import pytest

from models.engine import EngineTraits
from models.lexicon import load_lexicon
from models.summarizer import Summarizer
from models.translator import Translator
from service.archives.items import ArchiveItem, Trouble
from service.archives.options import ArchiveOptions
from service.archives.records import Recipe
from service.archives.workers import ITEMS_AT_ONCE, LocalWorker
from service.pipeline import Digester
from tests.archive_runs import FAILING
from tests.fake_engine import FakeEngine, echo


def digester(traits, answer=echo):
    engine = FakeEngine(answer, traits=traits)
    return Digester(Translator(engine, load_lexicon()), Summarizer(FakeEngine(echo)))


@pytest.mark.parametrize("batch_tokens", [0, 512])
def test_the_local_worker_digests_one_by_one_or_several_together(batch_tokens):
    traits = EngineTraits(instructed=False, batch_tokens=batch_tokens)
    taken = itertools.count()
    items = [ArchiveItem(f"a#{n}", f"Xã thứ {n} họp bàn việc làm đường.") for n in range(40)]
    items[5] = ArchiveItem("a#5", "The council met on Monday to talk about roads.")
    items[6] = ArchiveItem("a#6", f"Đoạn cuối của bản tin này bị {FAILING}.")
    loads = []

    def load():
        loads.append(next(taken))
        return digester(traits), lambda texts: [1 for _ in texts]

    worker = LocalWorker(load, Recipe.of(ArchiveOptions(summarize=None)))
    assert list(worker.digest([])) == [] and not loads
    stream = worker.digest(item for item in items if next(taken) >= 0)
    first = next(stream)
    assert next(taken) <= 2 * ITEMS_AT_ONCE + 2  # few are taken ahead
    outcomes = {one.origin: one for one in (first, *stream)}
    assert sorted(outcomes) == sorted(one.origin for one in items) and len(loads) == 1
    assert outcomes["a#5"].result.trouble is Trouble.REJECTED
    assert outcomes["a#6"].result.trouble is Trouble.FAILED
    record = json.loads(outcomes["a#7"].result.line)
    assert record["digest"]["elements"][0]["target"].startswith("EN: Xa thu 7 hop")
    assert outcomes["a#7"].result.tokens == 2


def test_a_stopped_worker_drops_what_is_in_work():
    stop = threading.Event()
    begun = threading.Event()

    def hold(one, options):
        begun.set()
        stop.wait(20)
        return echo(one, options)

    traits = EngineTraits(instructed=False, batch_tokens=512)
    pair = digester(traits, hold), len
    worker = LocalWorker(lambda: pair, Recipe.of(ArchiveOptions(summarize=None)), stop.is_set)
    items = [ArchiveItem(f"a#{n}", f"Xã thứ {n} họp bàn việc làm đường.") for n in range(3)]
    threading.Thread(target=lambda: (begun.wait(20), stop.set())).start()
    assert list(worker.digest(items)) == []
