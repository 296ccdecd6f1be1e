"""The JSON inside rows of advice: the alternatives of a response, the maps of a calibration.

Floats come back bit for bit: JSON holds the shortest decimal that names each of them.
"""

from collections.abc import Sequence

from pydantic import FiniteFloat, JsonValue

from services.store.stored_form import Envelope, StorableText, StoredForm, readable
from use_cases.advice.model import Alternative, FittedMap


def encode_alternatives(alternatives: Sequence[Alternative]) -> JsonValue:
    """The stored form of the options that were not chosen."""
    return _Alternatives.model_validate({"items": alternatives}).stored()


def decode_alternatives(stored: JsonValue) -> tuple[Alternative, ...]:
    """The options again. Raises `NewerDatabase`, or `ValueError` for what is no stored form."""
    return tuple(
        Alternative(option=item.option, reason=item.reason)
        for item in _Alternatives.model_validate(readable(stored)).items
    )


def encode_maps(maps: Sequence[FittedMap]) -> JsonValue:
    """The stored form of fitted maps. Raises `ValueError` for infinity and not-a-number."""
    return _Maps.model_validate({"items": maps}).stored()


def decode_maps(stored: JsonValue) -> tuple[FittedMap, ...]:
    """The maps again. Raises as `decode_alternatives` does."""
    return tuple(_fitted(item) for item in _Maps.model_validate(readable(stored)).items)


class _Alternative(StoredForm):
    option: StorableText
    reason: StorableText


class _Map(StoredForm):
    model: StorableText | None
    prompt_version: StorableText | None
    intercept: FiniteFloat
    slope: FiniteFloat
    n: int
    effect: FiniteFloat
    effect_low: FiniteFloat
    effect_high: FiniteFloat
    stated_from: FiniteFloat | None = None
    stated_to: FiniteFloat | None = None


class _Alternatives(Envelope):
    items: tuple[_Alternative, ...]


class _Maps(Envelope):
    items: tuple[_Map, ...]


def _fitted(stored: _Map) -> FittedMap:
    return FittedMap(
        model=stored.model,
        prompt_version=stored.prompt_version,
        intercept=stored.intercept,
        slope=stored.slope,
        n=stored.n,
        effect=stored.effect,
        effect_low=stored.effect_low,
        effect_high=stored.effect_high,
        stated_from=stored.stated_from,
        stated_to=stored.stated_to,
    )
