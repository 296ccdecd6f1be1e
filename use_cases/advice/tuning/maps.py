"""The map from stated to calibrated confidence: its application, its inverse, the choice among maps,
its fit, and the stated score at which each phrase begins under it.

Promises: without a map, and with the identity, a confidence stays exactly as stated; a map never
decreases, and rises strictly where the stated one is between `CLIP` and 1 - `CLIP`. A fitted one has
the largest penalised likelihood of logit p' = intercept + slope logit(stated), its slope within
`FLATTEST` to `STEEPEST`; it is the identity without rows; the same rows give the same line in any
order. Leaves to others: its justification (`guards.py`).

The choice of this map: among isotonic steps, bands, beta, Platt and this one, fitted to 30 to 1,000
real outcomes and tried on others, only this one hardly harms where outcomes are few, and it is as
good as any where they are many.

The scale of phrases is fixed in probability of being right and is for readers; tuning never moves it.
Tuning moves the stated score at which a phrase begins: the least one that is calibrated to the
phrase's edge. These thresholds are exact in basis points (a score below has another phrase, the
threshold has this one); a phrase to which no score leads is unreachable; no claim is made on
confidences outside the range in which the map was fitted.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import inf, log
from typing import TypeAlias

from use_cases.advice.model import CalibrationVersion, FittedMap, Scored
from use_cases.advice.profile import CERTAIN, Phrase, PhraseScale
from use_cases.advice.tuning.tuning_report import Adjustment, PhraseMap, PhraseSetting
from use_cases.kernel.statistics.logistic_regression import (
    LogisticLine,
    Point,
    Prior,
    fit_line,
    logistic,
)

CLIP = 0.01
"""Stated probabilities are held this far from 0 and 1 before the logit (4.6 at most): models say
1.0 where they mean 0.99, and one miss at 1.0 must not decide the slope."""

FITTED_BY_ITSELF = "offline:"
"""The prefix of models that fit their stated chance to decided cases themselves. The errors of
other models do not apply to them, nor theirs to others: no map is pooled with theirs.
"""

Key: TypeAlias = tuple[str | None, str | None]
"""Model and prompt version; None: any."""

PRIOR_DEVIATION = 0.5
"""The standard deviation, in logits, of the normal prior on the intercept (around 0) and on the
slope (around 1): a penalty of (a^2 + b^2) / (2 x 0.25) on the log likelihood."""

FLATTEST, STEEPEST = 0.05, 3.0
"""A flat line would give every confidence one value, a steep one make certainty of a hint."""

LARGEST_MOVE = 0.10
"""The most that one tuning may move the probability of any stated confidence."""

HUNDREDTHS = range(0, CERTAIN + 1, CERTAIN // 100)
"""Every stated confidence of two decimals, in basis points."""


class CalibrationLine(LogisticLine):
    """logit(calibrated) = intercept + slope * logit(stated), stated clipped by `CLIP`; the identity is
    exact.
    """

    __slots__ = ()

    def at(self, stated: int) -> float:
        """Returns the probability (0 to 1) for a stated confidence in basis points."""
        return _apply(stated, self.intercept, self.slope)


UNCHANGED = CalibrationLine(0.0, 1.0)
"""The line that changes nothing."""

_PRIOR = Prior(UNCHANGED, 1 / PRIOR_DEVIATION**2)


def calibrate(stated: int, fitted: FittedMap | None) -> int:
    """Returns the calibrated confidence of a stated one, both in basis points; halves are rounded to
    even.
    """
    if fitted is None:
        return stated
    # For each of some thousand responses: without making a line, it takes half the time.
    return round(CERTAIN * _apply(stated, fitted.intercept, fitted.slope))


def least_stated(probability: int, fitted: FittedMap | None) -> int | None:
    """Returns the inverse: the least stated confidence that is calibrated to this or more; None: none
    is.

    In basis points, exact for the result of `calibrate`.
    """
    stated = bisect_left(
        range(CERTAIN + 1), probability, key=lambda value: calibrate(value, fitted)
    )
    return stated if stated <= CERTAIN else None


def map_in_force(
    version: CalibrationVersion | None, model: str | None, prompt_version: str | None
) -> FittedMap | None:
    """Returns the map for a response of this model and prompt version; None: as stated."""
    maps = {(each.model, each.prompt_version): each for each in version.maps} if version else {}
    return next((maps[key] for key in keys_of(model, prompt_version) if key in maps), None)


def recalibrate(row: Scored, version: CalibrationVersion | None) -> float:
    """Returns the probability (0 to 1) that a version gives to the stated confidence of a response."""
    return calibrate(row.stated, map_in_force(version, row.model, row.prompt_version)) / CERTAIN


def keys_of(model: str | None, prompt_version: str | None) -> tuple[Key, ...]:
    """Returns the keys of the maps that may serve such a response, in order of preference.

    The one fitted on just these, otherwise that over the model's prompt versions, otherwise that
    over all models. A model that is `FITTED_BY_ITSELF` gets the first or none.
    """
    own = (model, prompt_version)
    if model is not None and model.startswith(FITTED_BY_ITSELF):
        return (own,)
    return (own, (model, None), (None, None))


def clipped_logit(probability: float) -> float:
    """Returns ln(p / (1 - p)), p held `CLIP` away from 0 and 1."""
    held = min(max(probability, CLIP), 1 - CLIP)
    return log(held / (1 - held))


def fit(outcomes: Iterable[tuple[int, bool]]) -> CalibrationLine:
    """Returns the line for (stated in basis points, right) of independent outcomes.

    Maximises sum y ln p' + (1 - y) ln(1 - p') - (a^2 + b^2) / (2 x 0.25), a the intercept, 1 + b
    the slope (Platt 1999 shrunk to the identity). It is concave: where its peak has a slope out of
    bounds, the best line lies on that bound.
    """
    points = _points(outcomes)
    line = _best(points, UNCHANGED, keep_slope=False)
    if FLATTEST <= line.slope <= STEEPEST:
        return line
    bound = CalibrationLine(line.intercept, min(max(line.slope, FLATTEST), STEEPEST))
    return _best(points, bound, keep_slope=True)


def limit_move(
    line: CalibrationLine, current: CalibrationLine, values: Iterable[int] = range(CERTAIN + 1)
) -> CalibrationLine:
    """Returns the line, drawn back towards the current one until none of `values` moves more than
    allowed.

    Every point between the two lines (intercept and slope mixed by one share) moves each value
    monotonously with the share, so the largest share allowed is found for each value in closed
    form.
    """
    share = min((_allowed(line, current, stated) for stated in values), default=1.0)
    if share >= 1:
        return line
    return CalibrationLine(
        current.intercept + share * (line.intercept - current.intercept),
        current.slope + share * (line.slope - current.slope),
    )


def _apply(stated: int, intercept: float, slope: float) -> float:
    if intercept == 0 and slope == 1:
        return stated / CERTAIN
    return logistic(intercept + slope * clipped_logit(stated / CERTAIN))


def _allowed(line: CalibrationLine, current: CalibrationLine, stated: int) -> float:
    """Returns the share of the way from current to line at which this value has made its largest move."""
    before, x = current.at(stated), clipped_logit(stated / CERTAIN)
    begin, end = current.eta(x), line.eta(x)
    target = before + LARGEST_MOVE if end > begin else before - LARGEST_MOVE
    if end == begin or not 0 < target < 1:
        return inf
    return (log(target / (1 - target)) - begin) / (end - begin)


def _points(outcomes: Iterable[tuple[int, bool]]) -> list[Point]:
    tallies: dict[int, list[int]] = {}
    for stated, right in outcomes:
        tally = tallies.setdefault(stated, [0, 0])
        tally[0] += 1
        tally[1] += right
    return [Point(clipped_logit(stated / CERTAIN), *tallies[stated]) for stated in sorted(tallies)]


def _best(points: Sequence[Point], start: CalibrationLine, *, keep_slope: bool) -> CalibrationLine:
    fitted = fit_line(points, start, _PRIOR, keep_slope=keep_slope)
    return CalibrationLine(*fitted.line) if fitted else start


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
