"""What comes in over HTTP; the OpenAPI document is made from these classes too."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.summarizer import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_WORDS,
    SummarizeOptions,
    SummaryStyle,
)
from models.translator import TranslateOptions
from service.glossary_schemas import Glossary
from service.pipeline import DigestOptions, TextFormat


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str | Annotated[list[str], Field(min_length=1)] = Field(
        description="One item, or a list of items.",
        examples=["(GLO)- Sáng 5-6, UBND tỉnh Gia Lai họp bàn về thu hút đầu tư."],
    )
    format: TextFormat = Field(TextFormat.TEXT, description="How the text is written.")


class _TranslateFields(_Request):
    keep_diacritics: bool = Field(
        False, strict=True, description="Keep Vietnamese letters in names."
    )
    glossary: Glossary = Field(
        (),
        description="Your own terms, Vietnamese to English, as a mapping or as rows: 5,000 at "
        "most, of 200 characters. They win over the built-in ones, and one that is missing in "
        "the English is a warning.",
        examples=[
            {"Khu kinh tế": "economic zone"},
            [{"source": "họp bàn", "target": "discuss", "accept": ["deliberate"]}],
        ],
    )

    def _translate_options(self) -> TranslateOptions:
        return TranslateOptions(self.keep_diacritics, self.glossary)

    def options(self, most_characters: int) -> DigestOptions:
        """The request's options in the pipeline's terms."""
        return DigestOptions(
            format=self.format,
            translate=self._translate_options(),
            most_characters=most_characters,
        )


class _SummaryFields(_Request):
    max_words: int = Field(
        DEFAULT_WORDS,
        strict=True,
        ge=FEWEST_WORDS,
        le=MOST_WORDS,
        description="Most words of the summary.",
    )
    style: SummaryStyle = Field(SummaryStyle.SHORT, description="Form of the summary.")


class TranslateRequest(_TranslateFields):
    """Text to translate."""


class DigestRequest(_TranslateFields, _SummaryFields):
    """Text to translate and summarise."""

    def options(self, most_characters: int) -> DigestOptions:
        """The request's options in the pipeline's terms."""
        return replace(
            super().options(most_characters),
            summarize=SummarizeOptions(self.max_words, self.style),
        )


class SummarizeRequest(DigestRequest):
    """Text to summarise."""


class StreamRequest(DigestRequest):
    """One text to translate and summarise, element by element."""

    text: str = Field(description="One item.")
