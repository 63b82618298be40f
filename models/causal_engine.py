"""Causal chat checkpoints in transformers format, asked through their own chat template."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from models.checkpoints import OpenCheckpoint
from models.engine import DecodeOptions, EngineInput, EngineSettings, EngineTraits
from models.errors import BadConfig, InputTooLong
from models.runaway import token_budget
from models.seq2seq_coder import EncodedInput
from models.torch_decoding import OnlyWritten
from models.torch_engine import TorchEngine
from models.torch_loading import control_tokens, make_inert


class CausalEngine(TorchEngine):
    """A chat model: the instruction is the system's turn, the source the user's."""

    def __init__(self, checkpoint: OpenCheckpoint, settings: EngineSettings) -> None:
        """Load the weights, which takes seconds; see `TorchEngine`.

        Raises:
            BadConfig: the checkpoint has no chat template.
        """
        super().__init__(checkpoint, settings)
        self._controls = control_tokens(self._tokenizer)
        if not self._tokenizer.chat_template:
            raise BadConfig(
                f"{checkpoint.name} has no chat template, so it follows no instruction; choose "
                f"the instruction-tuned form of it."
            )
        positions = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        self._context = min(settings.context, positions or settings.context)
        from transformers import GenerationConfig

        self._model.generation_config = GenerationConfig(
            pad_token_id=self._pad_id, eos_token_id=self._end_ids
        )

    @property
    def traits(self) -> EngineTraits:
        """Instructed, in batches; only the context limits a source."""
        return EngineTraits(
            batch_tokens=self._batch_tokens, beam_size=1, language=self._recipe.language
        )

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Tokens of each source, without the instruction and the marks of the template."""
        with self._tokenizer_lock:
            return [len(self._ids(self._inert(source))) for source in sources]

    def prompt(self, one: EngineInput) -> str:
        """The text that the model continues; control tokens in the three texts are inert."""
        source, instruction = self._inert(one.source), self._inert(one.instruction)
        if not instruction:
            turns = [("user", source)]
        elif self._takes_system:
            turns = [("system", instruction), ("user", source)]
        else:
            turns = [("user", f"{instruction}\n\n{source}")]
        return self._render(turns) + self._inert(one.prefix)

    def _inert(self, text: str) -> str:
        return make_inert(text, self._controls)

    def _render(self, turns: Sequence[tuple[str, str]]) -> str:
        rendered: str = self._tokenizer.apply_chat_template(
            [{"role": role, "content": content} for role, content in turns],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,  # Qwen3 would think aloud; other templates do not ask
        )
        return rendered

    @cached_property
    def _takes_system(self) -> bool:
        from jinja2 import TemplateError

        try:
            return "Briefly." in self._render([("system", "Briefly."), ("user", "Text.")])
        except TemplateError:  # Gemma 2 refuses a system's turn
            return False

    def _ids(self, text: str) -> list[int]:
        # The template has put what begins a text already.
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _encode(self, one: EngineInput, options: DecodeOptions) -> EncodedInput:
        ids = self._ids(self.prompt(one))
        room = self._context - len(ids)
        if room < max(1, one.forced_tokens):
            remedy = "Split it, or raise DIEMTIN_CONTEXT."
            raise InputTooLong.of(one.source, len(ids), self._name, self._context, remedy)
        if one.forced_tokens:
            return EncodedInput(ids, [], one.forced_tokens, one.forced_tokens)
        # A loop would hold its batch until the context is full.
        most = min(options.max_tokens or token_budget(one.source), room)
        return EncodedInput(ids, [], min(options.min_tokens, most), most)

    def _run(self, rows: Sequence[EncodedInput], options: DecodeOptions) -> list[list[int]]:
        from transformers import LogitsProcessorList, StoppingCriteriaList

        given = self._padded(rows, left=True)
        begin = int(given["input_ids"].shape[1])
        rules, stops = self._rules(rows, begin, options)
        made = self._model.generate(
            **given,
            generation_config=self._generation_config(max(row.most for row in rows), options),
            logits_processor=LogitsProcessorList([*_repetition_rules(begin, options), *rules]),
            stopping_criteria=StoppingCriteriaList(stops),
        )
        return [row[begin:] for row in made.tolist()]

    def _generation_config(self, most: int, options: DecodeOptions) -> Any:  # noqa: ANN401 - untyped library
        from transformers import GenerationConfig

        beams = 1 if options.temperature > 0 else options.beam_size
        penalty = {"length_penalty": options.length_penalty} if beams > 1 else {}
        return GenerationConfig(num_beams=beams, max_new_tokens=most, do_sample=False, **penalty)

    def _text(self, target: list[int]) -> str:
        text: str = self._tokenizer.decode(
            target, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.strip()


def _repetition_rules(begin: int, options: DecodeOptions) -> list[Any]:
    """Rules over what was written: the names in a source may come again in its translation."""
    from transformers import NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor

    rules: list[Any] = []
    if options.repeat_penalty != 1.0:
        penalty = RepetitionPenaltyLogitsProcessor(float(options.repeat_penalty))
        rules.append(OnlyWritten(penalty, begin))
    if options.no_repeat_ngram:
        rules.append(OnlyWritten(NoRepeatNGramLogitsProcessor(options.no_repeat_ngram), begin))
    return rules
