"""A tiny model that knows two renderings of each term, and mostly prefers the wrong one.

What it can show is that a choice among beams, or English in the source, works as it should;
nothing of how well a real model translates.
"""

import random
import shutil
from functools import cache
from itertools import product
from pathlib import Path

from tests.tiny_checkpoints import cached_checkpoint

# Vietnamese, the wanted English, what the model is taught to say two times in three.
RENDERINGS = [
    ("trạm bơm", "pumping station", "water machine"),
    ("bãi triều", "tidal flat", "wet beach"),
    ("hộ nghèo", "poor household", "needy people"),
    ("vườn ươm", "seed nursery", "young garden"),
]
_SUBJECTS = [
    ("Ủy ban huyện", "The district committee"),
    ("Các thầy cô giáo", "The teachers"),
    ("Sở Y tế", "The health department"),
]
_VERBS = [
    ("đã khảo sát", "surveyed"),
    ("sẽ hỗ trợ", "will support"),
    ("chưa kiểm tra", "has not inspected"),
]
_TIMES = [
    ("trước mùa mưa", "before the rainy season"),
    ("tại buổi họp báo", "at a press briefing"),
    ("theo kế hoạch", "as planned"),
]
_WRONG = 2 / 3
_HELD_OUT = 40
_STEPS = 140


def _sentence(subject, verb, term, time) -> tuple[str, str]:
    vietnamese = f"{subject[0]} {verb[0]} {term[0]} {time[0]}."
    return vietnamese, f"{subject[1]} {verb[1]} the {term[1]} {time[1]}."


def _frames() -> list[tuple]:
    frames = list(product(_SUBJECTS, _VERBS, RENDERINGS, _TIMES))
    random.Random(3).shuffle(frames)
    return frames


def held_out() -> list[tuple[str, str]]:
    """Sentences that were not in the training, with the wanted English of their term."""
    return [
        (_sentence(subject, verb, term, time)[0], term[1])
        for subject, verb, term, time in _frames()[:_HELD_OUT]
    ]


def _lessons() -> list[tuple[str, str]]:
    draw = random.Random(5)
    lessons = []
    for subject, verb, (source, right, wrong), time in _frames()[_HELD_OUT:]:
        said = wrong if draw.random() < _WRONG else right
        lessons.append(_sentence(subject, verb, (source, said), time))
        # English in the source is copied, as models of real corpora learn to do.
        lessons.append(_sentence(subject, verb, (right, right), time))
    return lessons


@cache
def cached_renderings() -> Path:
    """The one copy of the trained checkpoint; leave it as it is."""
    from tests.tiny_training import train

    folder = cached_checkpoint("marian").parent / "renderings"
    shutil.copytree(cached_checkpoint("marian"), folder)
    train(folder, _lessons(), steps=_STEPS, batch=24)
    return folder
