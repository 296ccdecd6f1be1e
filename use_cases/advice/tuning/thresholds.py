"""The thresholds of phrases: the stated score at which each begins, for a given map.

The scale is fixed in probability of being right and is for readers; tuning never moves it. Tuning
moves the stated score at which a phrase begins: the least one that is calibrated to the phrase's
edge.

Promises: thresholds are exact in basis points (a score below has another phrase, the threshold has
this one); a phrase to which no score leads is unreachable; no claim is made on confidences outside
the range in which the map was fitted. Leaves to others: the map.
"""

from use_cases.advice.model import FittedMap
from use_cases.advice.profile import CERTAIN, Phrase, PhraseScale
from use_cases.advice.tuning.maps import calibrate, least_stated
from use_cases.advice.tuning.tuning_report import Adjustment, PhraseMap, PhraseSetting


def phrase_map(scale: PhraseScale, fitted: FittedMap | None) -> PhraseMap:
    """Returns every phrase with its probabilities and the stated scores that lead to it."""
    return PhraseMap(
        model=fitted.model if fitted else None,
        prompt_version=fitted.prompt_version if fitted else None,
        phrases=tuple(_setting(scale, phrase, fitted) for phrase in scale.phrases),
        stated_from=fitted.stated_from if fitted else None,
        stated_to=fitted.stated_to if fitted else None,
    )


def adjustments(
    scale: PhraseScale, before: FittedMap | None, after: FittedMap
) -> tuple[Adjustment, ...]:
    """Returns the phrases whose threshold changes, in order of the scale; a threshold that is before
    and after outside the stated range has no outcome as evidence, and is left out.

    The lowest phrase begins at 0 as long as it can be reached.
    """
    return tuple(
        Adjustment(
            phrase_key=phrase.key,
            phrase=phrase.phrase,
            old_threshold=old,
            new_threshold=new,
            reason=_reason(phrase, old, new, after),
            model=after.model,
            prompt_version=after.prompt_version,
        )
        for phrase in scale.phrases
        if (old := _threshold(scale, phrase, before)) != (new := _threshold(scale, phrase, after))
        and (_was_stated(old, after) or _was_stated(new, after))
    )


def _setting(scale: PhraseScale, phrase: Phrase, fitted: FittedMap | None) -> PhraseSetting:
    stated = _stated(scale, phrase, fitted)
    return PhraseSetting(
        phrase_key=phrase.key,
        phrase=phrase.phrase,
        min_score=phrase.starts / CERTAIN,
        max_score=scale.ends(phrase) / CERTAIN,
        min_stated=stated[0] / CERTAIN if stated else None,
        max_stated=stated[1] / CERTAIN if stated else None,
    )


def _threshold(scale: PhraseScale, phrase: Phrase, fitted: FittedMap | None) -> float | None:
    stated = _stated(scale, phrase, fitted)
    return stated[0] / CERTAIN if stated else None


def _stated(scale: PhraseScale, phrase: Phrase, fitted: FittedMap | None) -> tuple[int, int] | None:
    """Returns the first stated score of the phrase and the end; None: no score leads to it."""
    begin = least_stated(phrase.starts, fitted)
    last = phrase == scale.phrases[-1]
    end = None if last else least_stated(scale.ends(phrase), fitted)
    if begin is None or begin == end:
        return None
    return begin, CERTAIN if end is None else end


def _was_stated(score: float | None, fitted: FittedMap) -> bool:
    """Returns whether a stated score lies in the range that the map was fitted on."""
    if score is None:
        return False
    low, high = fitted.stated_from, fitted.stated_to
    return (low is None or low <= score) and (high is None or score <= high)


def _reason(phrase: Phrase, old: float | None, new: float | None, after: FittedMap) -> str:
    if new is None:
        return "By the new map no stated confidence leads to this phrase."
    edge = f"{phrase.starts / CERTAIN:.4g}"
    if old is None:
        return f"By the new map a stated {new:g} or more is right in {edge} of cases or more again."
    parts: list[str] = []
    if _was_stated(old, after):
        reached = calibrate(round(old * CERTAIN), after) / CERTAIN
        parts.append(f"a stated {old:g} is right in {reached:.2f} of cases")
    if _was_stated(new, after):
        parts.append(
            f"a stated {new:g} in {edge}"
            if parts
            else f"a stated {new:g} is right in {edge} of cases"
        )
    return f"By the new map {', '.join(parts)}."
