"""CTranslate2's converter of transformers checkpoints, told what it gets wrong about them.

Only `models.conversion` imports this module, when it converts: it loads torch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ctranslate2.converters import TransformersConverter

from models.checkpoints import OpenCheckpoint
from models.conversion import PLAIN_ENTRIES, VOCABULARY
from models.plain_letters import forbidden_ids
from models.torch_loading import load_weights, open_tokenizer

# What the classes of transformers do whatever their configuration says, and what the
# converter reads from the configuration: files that transformers 5 saves lack these keys.
_FIXED_BY_CLASS: Mapping[str, Mapping[str, bool]] = {
    "bart": {"normalize_before": False, "normalize_embedding": True},
    "mbart": {"normalize_before": True, "normalize_embedding": True},
    "pegasus": {"normalize_before": True, "normalize_embedding": False},
}


@dataclass(frozen=True)
class _NumberedVocabulary:
    """Stands in for the tokenizer: every entry is called by its id.

    CTranslate2 exchanges tokens as text, which is ambiguous where entries of a tokenizer
    share a spelling or an id has none; so the engine exchanges ids, as text.
    """

    size: int
    bos_token: str
    eos_token: str
    unk_token: str
    pad_token: str
    unk_token_id: int
    special_tokens_map: Mapping[str, list[str]] = field(default_factory=dict)

    def get_vocab(self) -> dict[str, int]:
        return {self.convert_ids_to_tokens(entry): entry for entry in range(self.size)}

    def convert_ids_to_tokens(self, entry: int) -> str:
        return str(entry)


class NumberedConverter(TransformersConverter):  # type: ignore[misc] # an untyped library
    """Converts one checkpoint; the entries of the converted vocabulary are ids.

    The engine gives every call the decoder's start token, which the converter guesses from
    `tokenizer_class`, a key that configurations saved by transformers 5 do not have.
    """

    _model: Any
    _tokenizer: Any

    def __init__(self, checkpoint: OpenCheckpoint) -> None:
        """Nothing is read before `convert`."""
        super().__init__(str(checkpoint.folder), trust_remote_code=False)
        self._checkpoint = checkpoint

    def convert(self, output_dir: str, **options: Any) -> str:  # noqa: ANN401 - the library's own
        """Convert into a new folder, with the list of the plain English entries."""
        made: str = super().convert(output_dir, **options)
        forbidden = forbidden_ids(self._tokenizer, _ends(self._model, self._tokenizer))
        _write_plain_entries(Path(made), forbidden)
        return made

    def load_model(self, model_class: Any, _folder: str, **options: Any) -> Any:  # noqa: ANN401
        """Load the weights; never code, and no pickle that was not allowed."""
        self._model = load_weights(model_class, self._checkpoint, **options)
        _tell_converter(self._model.config)
        return self._model

    def load_tokenizer(self, _class: Any, _folder: str, **_options: Any) -> _NumberedVocabulary:  # noqa: ANN401
        """Give the converter numbers for names."""
        self._tokenizer = open_tokenizer(self._checkpoint)
        return _number(self._model, self._tokenizer)

    def _load(self) -> Any:  # noqa: ANN401
        spec = super()._load()
        spec.config.decoder_start_token = None
        if self._model.config.model_type == "marian":
            _keep_padding(spec, self._model)
        return spec


def _tell_converter(config: Any) -> None:  # noqa: ANN401 - an untyped library
    for key, value in _FIXED_BY_CLASS.get(config.model_type, {}).items():
        setattr(config, key, value)
    # The converter asks this whether the decoder's output is scaled. transformers 5 sets it
    # for every T5, and remembers elsewhere what the publisher said.
    if config.model_type in ("t5", "mt5"):
        config.tie_word_embeddings = bool(getattr(config, "scale_decoder_outputs", False))


def _keep_padding(spec: Any, model: Any) -> None:  # noqa: ANN401 - untyped libraries
    """Give a Marian model back the padding, from which its decoder starts.

    The loader takes it out and starts from zeros instead. That is right for what was
    converted from Marian; one that was trained with transformers has learnt an embedding.
    """
    spec.encoder.embeddings[0].weight = model.model.encoder.embed_tokens.weight
    spec.decoder.embeddings.weight = model.model.decoder.embed_tokens.weight
    spec.decoder.projection.weight = model.lm_head.weight
    if spec.decoder.projection.has_bias():
        spec.decoder.projection.bias = model.final_logits_bias.squeeze()
    spec.decoder.start_from_zero_embedding = False


def _number(model: Any, tokenizer: Any) -> _NumberedVocabulary:  # noqa: ANN401 - untyped library
    end = _ends(model, tokenizer)[0]
    unknown = end if tokenizer.unk_token_id is None else tokenizer.unk_token_id
    return _NumberedVocabulary(
        size=model.get_input_embeddings().weight.shape[0],
        bos_token=str(end),
        eos_token=str(end),
        unk_token=str(unknown),
        pad_token=str(end),
        unk_token_id=unknown,
    )


def _ends(model: Any, tokenizer: Any) -> list[int]:  # noqa: ANN401 - untyped libraries
    ends = model.generation_config.eos_token_id
    ends = tokenizer.eos_token_id if ends is None else ends
    return list(ends) if isinstance(ends, list) else [ends]


def _write_plain_entries(folder: Path, forbidden: Collection[int]) -> None:
    """Write which entries `ascii_only` allows, in CTranslate2's form of a vocabulary mapping.

    The source side of its one line is empty: the line holds for every source.
    """
    foreign = {str(entry) for entry in forbidden}
    entries = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
    plain = " ".join(entry for entry in entries if entry not in foreign)
    (folder / PLAIN_ENTRIES).write_text(f"\t{plain}\n", encoding="utf-8")
