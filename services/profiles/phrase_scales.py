"""The phrase scales that a profile can name instead of defining its own.

`likelihood` states the probability that the advice is right, in the words of the intelligence
standard ICD 203 (its "likely" in two), with the number behind them. `confidence` keeps the words of
earlier clients.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from use_cases.advice.profile import Phrase, PhraseScale


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
