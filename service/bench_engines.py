"""The engines beside what a user would write with the libraries alone, on random weights."""

from __future__ import annotations

import logging
import resource
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from models.catalogue import Catalogue
from models.checkpoints import open_checkpoint
from models.conversion import convert_checkpoint
from models.engine import DecodeOptions, Engine, EngineInput, EngineSettings
from models.registry import EnginePool
from models.scheduler import Scheduler, SchedulerSettings
from models.store import WeightsStore
from service.bench_shapes import BenchSegment

BEAM_SIZE = 5
IDEAL_BATCH = 5  # larger and smaller ones were slower on two cores
WARM_UP = 2


@dataclass(frozen=True)
class BenchJob:
    """What every peer works on: a checkpoint, where conversions are kept, the segments."""

    checkpoint: Path
    store: Path
    segments: tuple[BenchSegment, ...]
    threads: int = 0


@dataclass(frozen=True)
class Measured:
    """What one peer took, in a process of its own; `peak_mib` is its largest resident set."""

    peer: str
    segments: int
    seconds: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Segments a second."""
        return self.segments / self.seconds


def measure_peer(peer: str, job: BenchJob) -> Measured:
    """Run one of PEERS in a fresh process, so that its peak of memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, peer, job).result()


def _measure(peer: str, job: BenchJob) -> Measured:
    silence_libraries()
    run = PEERS[peer](job)
    run(job.segments[:WARM_UP])
    began = perf_counter()
    run(job.segments)
    seconds = perf_counter() - began
    return Measured(peer, len(job.segments), seconds, _peak_mib())


def _peak_mib() -> float:
    """The largest resident set of this program.

    Linux counts it from the start of the program in /proc; getrusage would count what the
    process was before, too.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def silence_libraries() -> None:
    """Keep advice and progress bars off the table that is printed."""
    import transformers

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()


Run = Callable[[Sequence[BenchSegment]], None]


def _plain_loop(job: BenchJob) -> Run:
    """What a user would write with transformers: one sentence after the other, beam 5."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(job.checkpoint)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(job.checkpoint)
    extra = {}
    if model.config.model_type == "mbart":
        extra["decoder_start_token_id"] = tokenizer.convert_tokens_to_ids("en_XX")

    def run(segments: Sequence[BenchSegment]) -> None:
        for one in segments:
            with torch.no_grad():
                output = model.generate(
                    **tokenizer(one.source, return_tensors="pt"),
                    num_beams=BEAM_SIZE,
                    min_new_tokens=one.target_tokens,
                    max_new_tokens=one.target_tokens,
                    **extra,
                )
            tokenizer.batch_decode(output, skip_special_tokens=True)

    return run


def _raw_ctranslate2(job: BenchJob) -> Run:
    """CTranslate2 alone: tokens ready, segments sorted by length, in batches that suit it best."""
    import ctranslate2
    import transformers

    store = _store(job)
    checkpoint = open_checkpoint(store.resolve(str(job.checkpoint)), EngineSettings())
    folder = convert_checkpoint(checkpoint, store.root / "ctranslate2", "int8")
    cores = EngineSettings().cpu_threads
    translator = ctranslate2.Translator(
        str(folder), compute_type="int8", inter_threads=cores, intra_threads=1
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(job.checkpoint)
    # The conversion's vocabulary is numbered: its words are the ids.
    tokens = {one.source: list(map(str, tokenizer(one.source).input_ids)) for one in job.segments}
    mbart = checkpoint.family == "mbart"
    start = (
        tokenizer.convert_tokens_to_ids("en_XX")
        if mbart
        else checkpoint.config["decoder_start_token_id"]
    )

    def translate(batch: Sequence[BenchSegment]) -> None:
        length = max(one.target_tokens for one in batch)
        translator.translate_batch(
            [tokens[one.source] for one in batch],
            [[str(start)]] * len(batch),
            beam_size=BEAM_SIZE,
            min_decoding_length=length,
            max_decoding_length=length,
        )

    def run(segments: Sequence[BenchSegment]) -> None:
        order = sorted(segments, key=lambda one: -len(tokens[one.source]))
        batches = [order[at : at + IDEAL_BATCH] for at in range(0, len(order), IDEAL_BATCH)]
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(translate, batches))

    return run


def _through(name: str) -> Callable[[BenchJob], Run]:
    def prepare(job: BenchJob) -> Run:
        engine: Engine = Scheduler(load_engine(job, name), SchedulerSettings())
        options = DecodeOptions(beam_size=BEAM_SIZE)

        def run(segments: Sequence[BenchSegment]) -> None:
            engine.generate(forced_inputs(segments), options)

        return run

    return prepare


def forced_inputs(segments: Sequence[BenchSegment]) -> list[EngineInput]:
    """Inputs of which each is decoded to the length of its reference."""
    return [EngineInput(one.source, forced_tokens=one.target_tokens) for one in segments]


def load_engine(job: BenchJob, name: str) -> Engine:
    """Load the job's checkpoint with the engine of that name."""
    settings = EngineSettings(engine=name, device="cpu", threads=job.threads, beam_size=BEAM_SIZE)
    return EnginePool(_store(job), settings).get(str(job.checkpoint))


def _store(job: BenchJob) -> WeightsStore:
    return WeightsStore(job.store, Catalogue.load())


PEERS: dict[str, Callable[[BenchJob], Run]] = {
    "plain transformers loop": _plain_loop,
    "transformers engine": _through("transformers"),
    "raw CTranslate2, ideally batched": _raw_ctranslate2,
    "CTranslate2 engine": _through("ctranslate2"),
}
