"""The shown confidence: the stated one in basis points, corrected by outcomes, and in words.

Promises: a confidence that does not separate right from wrong is replaced by the base rate; the
number is never capped, only the words, when facts that should be fresh are not, and capped words
name no other number; the stated confidence is always kept beside it. Leaves the maps to
`use_cases/advice/tuning/maps.py`, and the conditions of a base rate to `base_rates.py` there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from use_cases.advice.model import BaseRate, CalibrationVersion, Confidence, Freshness
from use_cases.advice.profile import CERTAIN, Phrase, Profile
from use_cases.advice.tuning.base_rates import expected
from use_cases.advice.tuning.maps import calibrate, map_in_force


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns a stated number into a confidence: a profile's phrases, the version in force, and the
    base rates, by model, where stated confidence of this prompt version is known to be useless.
    """

    profile: Profile
    version: CalibrationVersion | None
    prompt_version: str
    base_rates: Mapping[str, BaseRate] = field(default_factory=dict[str, BaseRate])

    def confidence(self, score: float, model: str, freshness: Freshness) -> Confidence:
        """Returns the confidence for a stated probability of 0 to 1."""
        stated, base_rate = basis_points(score), self.base_rates.get(model)
        fitted = map_in_force(self.version, model, self.prompt_version)
        corrected = basis_points(expected(base_rate)) if base_rate else calibrate(stated, fitted)
        corrected = min(max(corrected, 0), CERTAIN)
        scale = self.profile.phrases
        phrase, cap = scale.phrase(corrected), _cap(scale.phrases, self.profile.unverified_cap)
        capped = freshness is Freshness.UNVERIFIED and phrase.starts > cap.starts
        used = self.version and fitted and not base_rate
        return Confidence(
            stated=stated,
            calibrated=corrected,
            phrase_key=cap.key if capped else phrase.key,
            phrase=cap.phrase if capped else scale.wording(corrected),
            capped=capped,
            version_id=self.version.version_id if self.version and used else None,
            base_rate=base_rate,
        )


def base_rate_notice(confidence: Confidence | None) -> str | None:
    """Returns the notice for a reader that a base rate is shown; None where it is not."""
    if confidence is None or confidence.base_rate is None:
        return None
    rate = confidence.base_rate
    low, high = (round(100 * end) for end in rate.interval)
    return (
        "This model's stated confidence does not separate right from wrong advice here, so the base "
        f"rate is shown: {rate.right} of {rate.n} outcomes were right, {100 * rate.share:.0f}% (95% "
        f"interval {low}% to {high}%), whatever the model stated. For this advice it stated "
        f"{confidence.stated / CERTAIN:.0%}."
    )


def basis_points(score: float) -> int:
    """Returns a probability of 0 to 1 as an integer; halves are rounded to even."""
    return round(score * CERTAIN)


def _cap(phrases: Sequence[Phrase], key: str) -> Phrase:
    return next((phrase for phrase in phrases if phrase.key == key), phrases[-1])
