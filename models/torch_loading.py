"""Loads a transformers checkpoint into torch: which device, which number type, which classes."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from models.checkpoints import OpenCheckpoint
from models.engine import EngineSettings
from models.errors import BadConfig, EngineFailed, MissingDependency, UnsafeWeights

COMPUTE_TYPES = ("auto", "float32", "bfloat16", "float16")
DEVICES = ("auto", "cpu", "cuda")
_EXTRA = "pip install 'diemtin[transformers]'"
# A code point for private use, which no vocabulary has.
_UNASSIGNED = "\U000f0000"
_MODEL_CLASSES = {
    "marian": "MarianMTModel",
    "mbart": "MBartForConditionalGeneration",
    "m2m_100": "M2M100ForConditionalGeneration",
    "t5": "T5ForConditionalGeneration",
    "mt5": "MT5ForConditionalGeneration",
    "umt5": "UMT5ForConditionalGeneration",
    "bart": "BartForConditionalGeneration",
    "pegasus": "PegasusForConditionalGeneration",
}
# Where neither the tokenizer's nor the model's configuration names a tokenizer class.
_TOKENIZER_CLASSES = {"nllb": "NllbTokenizer", "bartpho": "BartphoTokenizer"}
# Their activations exceed the range of float16.
BEYOND_FLOAT16 = ("t5", "mt5", "umt5", "pegasus", "gemma3", "gemma3_text")
# Their position tables are sinusoids, which transformers fills in where the weights lack them.
_COMPUTED_POSITIONS = ("pegasus",)
_BLANKS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class LoadedCheckpoint:
    """A model ready to generate, its tokenizer, and what it runs on."""

    model: Any
    tokenizer: Any
    device: str
    compute_type: str
    library_version: str


def load_into_torch(checkpoint: OpenCheckpoint, settings: EngineSettings) -> LoadedCheckpoint:
    """Load the weights and the tokenizer, which takes seconds.

    Raises:
        MissingDependency: a library is not installed.
        BadConfig: the device or the compute type does not exist here.
        UnsafeWeights: a pickle holds more than numbers.
        EngineFailed: the libraries cannot make sense of the files.
    """
    torch, transformers = _libraries()
    device = choose_device(settings.device)
    model_type = str(checkpoint.config.get("model_type", ""))
    compute_type = choose_compute_type(settings.compute_type, device, model_type)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    tokenizer = open_tokenizer(checkpoint)
    model = _guarded("load", _load_model, checkpoint, getattr(torch, compute_type))
    return LoadedCheckpoint(
        model.to(device), tokenizer, device, compute_type, transformers.__version__
    )


def choose_device(wanted: str) -> str:
    """Return "cpu" or "cuda".

    Raises:
        BadConfig: no such device, or CUDA is not there.
    """
    import torch

    if wanted not in DEVICES:
        raise BadConfig(f"Unknown device {wanted!r}; the known ones are: {', '.join(DEVICES)}.")
    found = torch.cuda.is_available()
    if wanted == "cuda" and not found:
        raise BadConfig("torch finds no CUDA device here; use DIEMTIN_DEVICE=auto or cpu.")
    return "cuda" if found and wanted != "cpu" else "cpu"


def choose_compute_type(wanted: str, device: str, model_type: str) -> str:
    """Return the number type of the weights: the fastest one that the device computes in.

    Raises:
        BadConfig: torch has no such type; the message lists those it has.
    """
    if wanted not in COMPUTE_TYPES:
        known = ", ".join(COMPUTE_TYPES)
        raise BadConfig(
            f"Unknown compute type {wanted!r} for the transformers engine; it has: {known}."
        )
    if wanted != "auto":
        return wanted
    if _has_bfloat16(device):
        return "bfloat16"
    return "float16" if device == "cuda" and model_type not in BEYOND_FLOAT16 else "float32"


def _has_bfloat16(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    features: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(features.get("amx_bf16") or features.get("avx512_bf16"))


def _libraries() -> tuple[Any, Any]:
    try:
        import sentencepiece  # noqa: F401 - transformers says so late and badly
        import torch
        import transformers
    except ImportError as error:
        raise MissingDependency(f"This model needs {error.name}: {_EXTRA}") from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return torch, transformers


def _guarded(doing: str, load: Any, checkpoint: OpenCheckpoint, *rest: Any) -> Any:  # noqa: ANN401 - untyped libraries
    try:
        with warnings.catch_warnings():
            # Marian asks for sacremoses, whose normalizer transformers never calls.
            warnings.simplefilter("ignore")
            return load(checkpoint, *rest)
    except ImportError as error:
        raise MissingDependency(f"{checkpoint.name} needs a library: {error}. {_EXTRA}") from error
    except EngineFailed:
        raise
    except UnpicklingError as error:
        raise harmful_pickle(checkpoint.name) from error
    except Exception as error:  # the libraries raise anything over a file they cannot read
        if _lacks_protobuf(checkpoint):
            raise MissingDependency(
                f"Reading the tokenizer of {checkpoint.name} needs protobuf: {_EXTRA}"
            ) from error
        raise EngineFailed(
            f"transformers could not {doing} {checkpoint.name} in {checkpoint.folder}: {error}. "
            f"Check it with: diemtin models verify {checkpoint.name}"
        ) from error


def harmful_pickle(name: str) -> UnsafeWeights:
    """What to raise where a pickle that was allowed turns out to hold code."""
    return UnsafeWeights(
        f"The pickle of {name} holds more than numbers and was not run; choose a "
        "checkpoint with safetensors."
    )


def _lacks_protobuf(checkpoint: OpenCheckpoint) -> bool:
    bare = not (checkpoint.folder / "tokenizer.json").exists()
    return bare and find_spec("google") is None and any(checkpoint.folder.glob("*.model"))


def open_tokenizer(checkpoint: OpenCheckpoint) -> Any:  # noqa: ANN401 - untyped library
    """The checkpoint's own tokenizer, of the class that its publisher names.

    Raises:
        MissingDependency: it needs a library that is not installed.
        EngineFailed: transformers cannot read its files.
    """
    return _guarded("read the tokenizer of", _load_tokenizer, checkpoint)


def _load_tokenizer(checkpoint: OpenCheckpoint) -> Any:  # noqa: ANN401 - untyped library
    import transformers
    from transformers.models.auto.tokenization_auto import get_tokenizer_config

    named = checkpoint.config.get("tokenizer_class") or get_tokenizer_config(
        checkpoint.folder, local_files_only=True
    ).get("tokenizer_class")
    fallback = _TOKENIZER_CLASSES.get(checkpoint.family, "AutoTokenizer")
    tokenizer_class = getattr(transformers, "AutoTokenizer" if named else fallback)
    tokenizer = tokenizer_class.from_pretrained(
        checkpoint.folder, local_files_only=True, trust_remote_code=False
    )
    _mend_unknown(tokenizer)
    _mend_normalizer(tokenizer, checkpoint.folder / "sentencepiece.bpe.model")
    return tokenizer


def _mend_unknown(tokenizer: Any) -> None:  # noqa: ANN401 - untyped library
    """T5's tokenizer takes the third piece for the unknown one; MADLAD's third is the end."""
    from tokenizers import Tokenizer

    made = tokenizer(_UNASSIGNED, add_special_tokens=False).input_ids
    backend = getattr(tokenizer, "_tokenizer", None)
    if backend is None or tokenizer.eos_token_id not in made:
        return
    state = json.loads(backend.to_str())
    state["model"]["unk_id"] = tokenizer.unk_token_id
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(state))


def _mend_normalizer(tokenizer: Any, model: Path) -> None:  # noqa: ANN401 - untyped library
    """MBartTokenizer leaves out how its sentencepiece model writes "²" or "…" in letters."""
    backend = getattr(tokenizer, "_tokenizer", None)
    if backend is None or backend.normalizer is not None or not model.exists():
        return
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers.normalizers import Precompiled

    proto = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes())
    charsmap = proto.normalizer_spec.precompiled_charsmap
    if charsmap:
        backend.normalizer = Precompiled(charsmap)


def _load_model(checkpoint: OpenCheckpoint, dtype: Any) -> Any:  # noqa: ANN401 - untyped library
    import transformers

    model_type = str(checkpoint.config.get("model_type", ""))
    model_class = getattr(transformers, _MODEL_CLASSES.get(model_type, "AutoModelForCausalLM"))
    return load_weights(model_class, checkpoint, dtype=dtype, trust_remote_code=False).eval()


def load_weights(model_class: Any, checkpoint: OpenCheckpoint, **options: Any) -> Any:  # noqa: ANN401 - untyped library
    """The checkpoint as a model of the class; never code, and no pickle that was not allowed.

    Raises:
        EngineFailed: the files lack some of the model's weights.
    """
    model, report = model_class.from_pretrained(
        checkpoint.folder,
        use_safetensors=not checkpoint.pickled,
        weights_only=True,
        local_files_only=True,
        output_loading_info=True,
        **options,
    )
    lacking = _lacking_weights(report["missing_keys"], model.config.model_type)
    if lacking:  # transformers would go on with random numbers in their place
        raise EngineFailed(
            f"The weights of {checkpoint.name} lack {len(lacking)} of the model's, such as "
            f"{lacking[0]}; choose another revision of it."
        )
    return model


def _lacking_weights(missing: Iterable[str], model_type: str) -> list[str]:
    """Return what transformers found missing, without what it computes as the publisher did."""
    computed = "embed_positions.weight" if model_type in _COMPUTED_POSITIONS else None
    return sorted(key for key in missing if computed is None or not key.endswith(computed))


def control_tokens(tokenizer: Any) -> re.Pattern[str]:  # noqa: ANN401 - untyped library
    """Return a pattern of what the tokenizer would read as a control token inside a text."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    marks = {str(token) for token in added if token.special} | set(tokenizer.all_special_tokens)
    longest_first = sorted((mark for mark in marks if len(mark) > 1), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, longest_first), r"<\|", r"<2\w+>"]))


def make_inert(text: str, controls: re.Pattern[str]) -> str:
    """Return the text with every control token broken by a space."""
    return controls.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def collapse_blanks(text: str) -> str:
    """Return the text with one space for every run of blanks: some tokenizers give each a token."""
    return _BLANKS.sub(" ", text).strip()
