"""The schema of a profile's file, validated strictly; and the phrase scales that it can name.

Promises: a misspelt field, a number in the place of a text or a scale with a gap is refused with the
field's name and the fault. The scale `likelihood` states the probability that the advice is right, in the
words of the intelligence standard ICD 203 (its "likely" in two), with the number behind them; `confidence`
keeps the words of earlier clients. Leaves to others: reading (`profile_folders.py`), tests of the queries
(`candor profiles PROFILE --check`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from use_cases.advice.profile import (
    CERTAIN,
    GIVEN,
    ComparisonRule,
    EntityRule,
    OutcomeRule,
    PeriodRule,
    Phrase,
    PhraseScale,
    Profile,
)
from use_cases.kernel.text.sql_placeholders import placeholders


@dataclass(frozen=True, slots=True)
class NamedScale:
    """A scale, and its highest phrase for advice without the fresh facts it needs."""

    scale: PhraseScale
    unverified_cap: str


LIKELIHOOD = NamedScale(
    PhraseScale(
        (
            Phrase("almost_no_chance", "Almost no chance", 0),
            Phrase("very_unlikely", "Very unlikely", 500),
            Phrase("unlikely", "Unlikely", 2_000),
            Phrase("leaning_against", "Less likely than not", 3_500),
            Phrase("even", "Roughly even", 4_500),
            Phrase("leaning", "More likely than not", 5_500),
            Phrase("likely", "Likely", 6_500),
            Phrase("very_likely", "Very likely", 8_000),
            Phrase("almost_certain", "Almost certain", 9_500),
        ),
        with_odds=True,
    ),
    unverified_cap="leaning",
)

CONFIDENCE = NamedScale(
    PhraseScale(
        (
            Phrase("low_confidence", "Not very confident", 0),
            Phrase("medium_confidence", "Fairly confident", 6_000),
            Phrase("high_confidence", "Highly confident", 8_500),
        )
    ),
    unverified_cap="low_confidence",
)

SCALES: Mapping[str, NamedScale] = {"likelihood": LIKELIHOOD, "confidence": CONFIDENCE}


_Text = Annotated[str, Field(min_length=1, max_length=20_000)]
_Sql = Annotated[str, Field(min_length=1, max_length=8_000)]
_Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]

DEFAULT_PROMPT = "default"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Entities(_Form):
    sql: _Sql
    aliases: dict[_Text, list[_Text]] = Field(default_factory=dict[str, list[str]])
    active_sql: _Sql | None = None


class _Period(_Form):
    word: _Text
    also: list[_Text] = Field(default_factory=list[str])
    current_sql: _Sql | None = None
    ends_sql: _Sql | None = None
    season_sql: _Sql | None = None


class _Comparison(_Form):
    label: _Text
    value_sql: _Sql
    past_sql: _Sql
    lower_wins: bool = False
    availability_sql: _Sql | None = None


class _Outcome(_Form):
    over_sql: _Sql
    value_sql: _Sql
    lower_wins: bool = False


class _Phrase(_Form):
    key: _Key
    phrase: _Text
    starts: float = Field(ge=0, lt=1)


class ProfileForm(_Form):
    """The fields of a profile's file."""

    title: _Text
    description: _Text
    prompts: dict[_Key, _Text]
    option_label: _Key = "option"
    phrases: Literal["likelihood", "confidence"] | list[_Phrase] = "likelihood"
    unverified_cap: _Key | None = None
    fresh_words: list[_Text] = Field(default_factory=list[str])
    web_search: bool = True
    tables: list[_Text] = Field(default_factory=list[str])
    entities: _Entities | None = None
    period: _Period | None = None
    comparison: _Comparison | None = None
    outcome: _Outcome | None = None
    disclaimer: Annotated[str, Field(max_length=20_000)] = ""

    @model_validator(mode="after")
    def _validate(self) -> "ProfileForm":
        if DEFAULT_PROMPT not in self.prompts:
            raise ValueError("prompts: there must be one called `default`")
        for section in ("entities", "period", "comparison", "outcome"):
            _check_names(section, getattr(self, section))
        keys = [phrase.key for phrase in self._scale().phrases]
        if self._cap() not in keys:
            raise ValueError(
                f"unverified_cap: must be the key of a phrase; there are {', '.join(keys)}"
            )
        return self

    def profile(self, profile_id: str, version: str) -> Profile:
        """Returns the profile that the file describes."""
        return Profile(
            profile_id=profile_id,
            version=version,
            title=self.title,
            description=self.description,
            prompts=self.prompts,
            phrases=self._scale(),
            unverified_cap=self._cap(),
            option_label=self.option_label,
            fresh_words=tuple(self.fresh_words),
            web_search=self.web_search,
            entities=EntityRule(**dict(self.entities)) if self.entities else None,
            period=PeriodRule(**dict(self.period)) if self.period else None,
            comparison=ComparisonRule(**dict(self.comparison)) if self.comparison else None,
            outcome=OutcomeRule(**dict(self.outcome)) if self.outcome else None,
            tables=tuple(self.tables),
            disclaimer=self.disclaimer,
        )

    def _scale(self) -> PhraseScale:
        if isinstance(self.phrases, str):
            return SCALES[self.phrases].scale
        return _build_scale(self.phrases)

    def _cap(self) -> str:
        if self.unverified_cap is not None:
            return self.unverified_cap
        if isinstance(self.phrases, str):
            return SCALES[self.phrases].unverified_cap
        raise ValueError("unverified_cap: is required with phrases of your own")


def describe_errors(error: ValidationError) -> str:
    """Returns every fault with its field, on one line."""
    faults = [
        ": ".join(filter(None, (_place(each["loc"]), _sentence(each["msg"]) + _quotes(each))))
        for each in error.errors(include_url=False)
        # For a list of phrases the error "no name of a scale" is irrelevant.
        if not (each["type"] == "literal_error" and isinstance(each["input"], list))
    ]
    return "; ".join(faults)


def _check_names(section: str, form: _Form | None) -> None:
    """Requires that each `:name` of the section's queries gets a value."""
    for field, said in form or ():
        called = f"{section}.{field}"
        known = [f":{name}" for name in GIVEN.get(called, ())]
        found = placeholders(str(said)) if called in GIVEN and said is not None else ()
        if strange := next((name for name in found if name not in known), None):
            may = f"it may use {', '.join(known)}" if known else "it may use none"
            raise ValueError(f"{called}: `{strange}` gets no value in this query; {may}")


def _build_scale(phrases: Sequence[_Phrase]) -> PhraseScale:
    """Builds the scale. Raises `ValueError` for gaps, disorder or repeated keys."""
    if not phrases:
        raise ValueError("phrases: there must be at least one")
    found = [Phrase(p.key, p.phrase, round(p.starts * CERTAIN)) for p in phrases]
    if found[0].starts != 0:
        raise ValueError("phrases: the first must start at 0")
    for one, two in pairwise(found):
        if two.starts <= one.starts:
            raise ValueError(f"phrases: `{two.key}` must start above `{one.key}`")
    keys = [phrase.key for phrase in found]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"phrases: the key `{twice}` is repeated")
    return PhraseScale(tuple(found))


def _place(location: tuple[int | str, ...]) -> str:
    # For a union pydantic adds the type's name, which is not in the file.
    return ".".join(str(part) for part in location if not _is_kind(part))


def _is_kind(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part == "[key]")


def _quotes(each: ErrorDetails) -> str:
    """Returns advice on a word that YAML reads as another type, such as Yes, 7 or 2026-03-01."""
    if each["type"] != "string_type" or isinstance(each["input"], dict | list | None):
        return ""
    read = "true or false" if isinstance(each["input"], bool) else "a number or a date"
    return f", and YAML reads this as {read}: put it into quotes"


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
