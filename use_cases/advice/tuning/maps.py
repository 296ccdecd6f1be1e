"""The map from stated to calibrated confidence: its application, its inverse, and the choice among
maps.

Promises: without a map, and with the identity, a confidence stays exactly as stated; a map never
decreases, and rises strictly where the stated one is between `CLIP` and 1 - `CLIP`. Leaves to
others: fitting (`map_fit.py`), and its justification (`guards.py`).
"""

from bisect import bisect_left
from math import log
from typing import TypeAlias

from use_cases.advice.model import CalibrationVersion, FittedMap
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.statistics.logistic_regression import logistic

CLIP = 0.01
"""Stated probabilities are held this far from 0 and 1 before the logit (4.6 at most): models say
1.0 where they mean 0.99, and one miss at 1.0 must not decide the slope."""

FITTED_BY_ITSELF = "offline:"
"""The prefix of models that fit their stated chance to decided cases themselves. The errors of
other models do not apply to them, nor theirs to others: no map is pooled with theirs.
"""

Key: TypeAlias = tuple[str | None, str | None]
"""Model and prompt version; None: any."""

IDENTITY = (0.0, 1.0)
"""Intercept and slope of the map that changes nothing."""


def calibrate(stated: int, fitted: FittedMap | None) -> int:
    """Return the calibrated confidence of a stated one, both in basis points; halves are rounded to
    even.
    """
    if fitted is None:
        return stated
    return round(CERTAIN * apply_map(stated / CERTAIN, fitted.intercept, fitted.slope))


def apply_map(probability: float, intercept: float, slope: float) -> float:
    """Return sigma(intercept + slope * logit(p)), p clipped by `CLIP`; the identity is exact."""
    if (intercept, slope) == IDENTITY:
        return probability
    return logistic(intercept + slope * clipped_logit(probability))


def least_stated(probability: int, fitted: FittedMap | None) -> int | None:
    """Return the inverse: the least stated confidence that is calibrated to this or more; None:
    none is.

    In basis points, exact for the result of `calibrate`.
    """
    stated = bisect_left(
        range(CERTAIN + 1), probability, key=lambda value: calibrate(value, fitted)
    )
    return stated if stated <= CERTAIN else None


def map_in_force(
    version: CalibrationVersion | None, model: str | None, prompt_version: str | None
) -> FittedMap | None:
    """Return the map for a response of this model and prompt version; None: as stated."""
    maps = {(each.model, each.prompt_version): each for each in version.maps} if version else {}
    return next((maps[key] for key in keys_of(model, prompt_version) if key in maps), None)


def keys_of(model: str | None, prompt_version: str | None) -> tuple[Key, ...]:
    """Return the keys of the maps that may serve such a response, in order of preference.

    The one fitted on just these, otherwise that over the model's prompt versions, otherwise that
    over all models. A model that is `FITTED_BY_ITSELF` gets the first or none.
    """
    own = (model, prompt_version)
    if model is not None and model.startswith(FITTED_BY_ITSELF):
        return (own,)
    return (own, (model, None), (None, None))


def clipped_logit(probability: float) -> float:
    """Return ln(p / (1 - p)), p held `CLIP` away from 0 and 1."""
    held = min(max(probability, CLIP), 1 - CLIP)
    return log(held / (1 - held))
