from hypothesis import given
from hypothesis import strategies as st

from models.batching import plan_batches

LENGTHS = st.lists(st.integers(0, 600), max_size=60)


@given(LENGTHS, st.integers(1, 2000))
def test_every_index_comes_once_and_no_batch_exceeds_the_budget(lengths, budget):
    batches = plan_batches(lengths, budget)

    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert batch
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


@given(LENGTHS, st.integers(1, 2000))
def test_lengths_fall_from_the_first_batch_to_the_last(lengths, budget):
    order = [lengths[i] for batch in plan_batches(lengths, budget) for i in batch]
    assert order == sorted(lengths, reverse=True)


@given(LENGTHS, st.integers(1, 2000))
def test_a_batch_is_left_only_when_the_next_would_not_fit(lengths, budget):
    batches = plan_batches(lengths, budget)
    for batch in batches[:-1]:
        longest = max(1, lengths[batch[0]])  # an input without tokens takes the room of one
        assert (len(batch) + 1) * longest > budget


def test_inputs_without_tokens_take_the_room_of_one_token_each():
    assert plan_batches([0, 0, 0], 2) == [[0, 1], [2]]


def test_batches_of_known_lengths():
    assert plan_batches([3, 10, 4, 9, 50], 20) == [[4], [1, 3], [2, 0]]


def test_no_input_makes_no_batch():
    assert plan_batches([], 10) == []
