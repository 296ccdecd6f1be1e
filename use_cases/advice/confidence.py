"""A stated confidence as it is given: in basis points, corrected by experience, and in words.

Promises: the number is never capped, only the words, when facts that should be fresh are not; what
the model stated is always kept beside it. Leaves the maps to `use_cases/advice/tuning/maps.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.advice.model import CalibrationVersion, Confidence, Freshness
from use_cases.advice.profile import CERTAIN, Phrase, Profile
from use_cases.advice.tuning.maps import calibrated, map_in_force


@dataclass(frozen=True, slots=True)
class Scale:
    """What turns a stated number into a confidence: a profile's words, and the version in force."""

    profile: Profile
    version: CalibrationVersion | None
    prompt_version: str

    def confidence(self, score: float, model: str, freshness: Freshness) -> Confidence:
        """The confidence for a stated probability of 0 to 1."""
        stated = basis_points(score)
        fitted = map_in_force(self.version, model, self.prompt_version)
        corrected = min(max(calibrated(stated, fitted), 0), CERTAIN)
        phrase = self.profile.phrases.phrase(corrected)
        cap = _cap(self.profile.phrases.phrases, self.profile.unverified_cap)
        capped = freshness is Freshness.UNVERIFIED and phrase.starts > cap.starts
        shown = cap if capped else phrase
        return Confidence(
            stated=stated,
            calibrated=corrected,
            phrase_key=shown.key,
            phrase=shown.phrase,
            capped=capped,
            version_id=self.version.version_id if self.version and fitted else None,
        )


def basis_points(score: float) -> int:
    """A probability of 0 to 1 as an integer; halves are rounded to even."""
    return round(score * CERTAIN)


def _cap(phrases: Sequence[Phrase], key: str) -> Phrase:
    return next((phrase for phrase in phrases if phrase.key == key), phrases[-1])
