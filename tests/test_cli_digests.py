"""Several files at a time for an engine that takes batches, else one after the other."""

import threading

from models.engine import EngineTraits
from models.lexicon import load_lexicon
from models.summarizer import Summarizer
from models.translator import Translator
from service.cli_digests import FILES_AT_ONCE, digest_files
from service.language import NotVietnamese
from service.pipeline import Digester, DigestOptions
from tests.fake_engine import FakeEngine, echo

DEDICATED = EngineTraits(instructed=False, batch_tokens=512, parallel_calls=FILES_AT_ONCE)
PATIENCE_S = 20


def digester_with(answer, traits) -> Digester:
    engine = FakeEngine(answer, traits=traits)
    return Digester(Translator(engine, load_lexicon()), Summarizer(FakeEngine(echo)))


def write_files(folder, count):
    paths = [folder / f"{at}.txt" for at in range(count)]
    for at, path in enumerate(paths):
        path.write_text(f"Xã thứ {at} họp bàn việc làm đường liên thôn.", "utf-8")
    return paths


def outcomes(digester, paths):
    return list(digest_files(digester, paths, lambda path: DigestOptions(), with_summary=False))


def test_files_come_out_in_order_and_a_bad_one_stops_none(tmp_path):
    paths = write_files(tmp_path, 3 * FILES_AT_ONCE)
    paths[4].write_text("The council met on Monday to talk about roads.", "utf-8")
    paths[7].unlink()
    for traits in (DEDICATED, EngineTraits()):
        done = outcomes(digester_with(echo, traits), paths)
        assert [one.path for one in done] == paths
        assert isinstance(done[4].error, NotVietnamese)
        assert isinstance(done[7].error, FileNotFoundError)
        for at, one in enumerate(done):
            if at not in (4, 7):
                assert f"Xa thu {at} hop" in one.digest.elements[0].target


def test_files_meet_in_the_engine_only_where_that_is_faster(tmp_path):
    paths = write_files(tmp_path, FILES_AT_ONCE)
    together = threading.Barrier(FILES_AT_ONCE)

    def meet(one, options):
        together.wait(PATIENCE_S)
        return echo(one, options)

    assert all(one.digest for one in outcomes(digester_with(meet, DEDICATED), paths))
    inside = []

    def alone(one, options):
        inside.append(threading.current_thread())
        return echo(one, options)

    assert all(one.digest for one in outcomes(digester_with(alone, EngineTraits()), paths))
    assert set(inside) == {threading.current_thread()}


def test_whoever_interrupts_does_not_wait_for_the_files_that_were_begun(tmp_path):
    paths = write_files(tmp_path, 6 * FILES_AT_ONCE)
    begun = []
    first, go_on = threading.Event(), threading.Event()

    def hold(one, options):
        begun.append(one.source)
        if "thứ 0 " not in one.source:
            first.set()
            go_on.wait(PATIENCE_S)
        return echo(one, options)

    done = digest_files(
        digester_with(hold, DEDICATED), paths, lambda path: DigestOptions(), with_summary=False
    )
    assert next(done).path == paths[0]
    first.wait(PATIENCE_S)
    go_on.set()
    done.close()
    assert len(set(begun)) <= 3 * FILES_AT_ONCE
