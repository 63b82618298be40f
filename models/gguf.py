"""GGUF checkpoints of causal models, run by llama.cpp through xllamacpp."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.catalogue import ModelCard
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineSettings,
    Hypothesis,
    Provenance,
)
from models.errors import (
    BadConfig,
    EngineFailed,
    InputTooLong,
    MissingDependency,
    name_segment,
)
from models.prompts import ChatFormat, chat_format
from models.store import WeightsStore

# Printable ASCII and the signs of English typesetting: a greedy step that would write a
# Vietnamese or Chinese letter takes the best token without one instead.
PLAIN_ENGLISH_GRAMMAR = r"root ::= [\x20-\x7E–—‘’“”°²³€£…]+"


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> GgufEngine:
    """Check the weights of a catalogue's model and load them.

    Raises:
        WeightsUnavailable: they have not been fetched.
        CorruptWeights: the file is not the artifact that the catalogue names.
        BadConfig: the catalogue names no chat format, or an unknown one.
        EngineFailed: llama.cpp refused the file.
    """
    if card.artifact is None:
        raise BadConfig(f"{card.name} is not a single file; the gguf engine loads one.")
    if card.chat_format is None:
        raise BadConfig(f"The catalogue gives {card.name} no chat_format; a GGUF model needs one.")
    path = store.open_verified(card.name)
    provenance = Provenance(card.name, f"sha256:{card.artifact.sha256}", "", "")
    return GgufEngine(path, provenance, chat_format(card.chat_format), settings)


class GgufEngine(Engine):
    """One loaded checkpoint; llama.cpp queues concurrent calls itself."""

    def __init__(
        self, path: Path, provenance: Provenance, chat: ChatFormat, settings: EngineSettings
    ) -> None:
        """Load the weights, which takes seconds.

        Raises:
            MissingDependency: xllamacpp is not installed.
            EngineFailed: llama.cpp refused the file.
        """
        try:
            import xllamacpp
        except ImportError as error:
            raise MissingDependency(
                "The GGUF engine needs xllamacpp: pip install xllamacpp"
            ) from error
        self._chat = chat
        self._context = settings.context
        self._provenance = replace(
            provenance, engine="xllamacpp", engine_version=xllamacpp.__version__
        )
        try:
            self._server: Any = xllamacpp.Server(_parameters(xllamacpp, path, settings))
        except RuntimeError as error:
            raise EngineFailed(
                f"llama.cpp could not load {path.name}: {error}. Check it with: "
                f"diemtin models verify {provenance.model}"
            ) from error

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order; see `Engine.generate`."""
        return [self._generate_one(one, options) for one in inputs]

    def provenance(self, options: DecodeOptions) -> Provenance:
        """What a hypothesis decoded with these options will carry."""
        return replace(self._provenance, options=options)

    def close(self) -> None:
        """Stop llama.cpp and free the weights."""
        self._server = None

    def _generate_one(self, one: EngineInput, options: DecodeOptions) -> Hypothesis:
        request = self._request(one, options)
        try:
            response = self._server.handle_completions(request)
        except RuntimeError as error:
            raise EngineFailed(f"llama.cpp failed: {error}") from error
        if "error" in response or "choices" not in response:
            raise _as_error(response, one, self._context)
        choice, usage = response["choices"][0], response["usage"]
        return Hypothesis(
            text=choice["text"].strip(),
            source_tokens=usage["prompt_tokens"],
            target_tokens=usage["completion_tokens"],
            truncated=choice["finish_reason"] == "length",
            provenance=self.provenance(options),
        )

    def _request(self, one: EngineInput, options: DecodeOptions) -> dict[str, Any]:
        request: dict[str, Any] = {
            "prompt": self._chat.render(one.instruction, one.source, one.prefix),
            "n_predict": options.max_tokens or self._context,
            "temperature": options.temperature,
            "repeat_penalty": options.repeat_penalty,
            "seed": options.seed,
            "cache_prompt": True,
        }
        if options.ascii_only:
            request["grammar"] = PLAIN_ENGLISH_GRAMMAR
        return request


def _parameters(xllamacpp: Any, path: Path, settings: EngineSettings) -> Any:  # noqa: ANN401 - untyped library
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = settings.context
    parameters.n_parallel = 1  # slots share the cores: more of them make no more tokens
    parameters.cpuparams.n_threads = settings.cpu_threads
    parameters.cache_ram_mib = settings.prompt_cache_mib
    parameters.ctx_shift = False  # shifting would drop the beginning of a segment silently
    parameters.warmup = False
    parameters.verbosity = -1
    # llama.cpp opens a port on the loopback interface that nobody here uses: lock it.
    parameters.api_keys = [secrets.token_hex(32)]
    return parameters


def _as_error(response: Mapping[str, Any], one: EngineInput, context: int) -> Exception:
    error = response.get("error", response)
    kind = error.get("type", "") if isinstance(error, Mapping) else ""
    if "exceed_context_size" in kind:
        return InputTooLong(
            f"{name_segment(one.source)} exceeds the model's context of "
            f"{context} tokens. Split it, or raise DIEMTIN_CONTEXT."
        )
    return EngineFailed(f"llama.cpp answered with an error of type {kind or 'unknown'}")
