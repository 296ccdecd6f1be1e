"""A domain of advice: the profile that `candor advise --profile` names, as its YAML file defines
it.

Queries are read-only SQL over the loaded tables, with `:names` for values: `:option` (an option's
name in the tables), `:period` (an integer such as a week, or NULL) and `:today` (YYYY-MM-DD). A
part that a profile leaves out is None, and advice does without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

CERTAIN = 10_000
"""Confidence is counted in basis points: 10,000 is certainty."""

PLAIN_LABEL = "option"
"""What a profile calls an option that names none."""

GIVEN: Mapping[str, Sequence[str]] = {
    "entities.sql": (),
    "entities.active_sql": ("option", "today"),
    "period.current_sql": ("today",),
    "period.season_sql": ("today",),
    "period.ends_sql": ("period",),
    "comparison.value_sql": ("option", "period", "today"),
    "comparison.availability_sql": ("option", "period", "today"),
    "comparison.past_sql": ("period", "today"),
    "outcome.over_sql": ("period", "today"),
    "outcome.value_sql": ("option", "period"),
}
"""The queries of a profile, and the parameters of each. Another parameter would be NULL and make
the result silently wrong, so a profile with one is refused.
"""

Words = Annotated[str, Field(strict=True, min_length=1, max_length=20_000)]
Query = Annotated[str, Field(strict=True, min_length=1, max_length=8_000)]
_FORM = ConfigDict(extra="forbid")
"""A part of a profile is read as its file has it, and refused where a field is misspelt."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """The name of a range of probabilities, from `starts` (basis points) up to the next phrase."""

    key: str
    phrase: str
    starts: int


@dataclass(frozen=True, slots=True)
class PhraseScale:
    """Phrases that tile 0 to 1 without gap or overlap: half-open, the last one closed.

    `phrases` begin at 0 and rise strictly. `with_odds`: the probability stands behind the words
    ("Likely (about 7 in 10)"), because the same word means 55 to one reader and 85 to another.
    """

    phrases: Sequence[Phrase]
    with_odds: bool = False

    def phrase(self, probability: int) -> Phrase:
        """Returns the phrase of a probability in basis points."""
        return next(p for p in reversed(self.phrases) if p.starts <= probability)

    def wording(self, probability: int) -> str:
        """Returns the words that readers see for a probability in basis points."""
        phrase = self.phrase(probability).phrase
        return f"{phrase} ({_odds(probability)})" if self.with_odds else phrase

    def ends(self, phrase: Phrase) -> int:
        """Returns the end of a phrase: excluded, but for the last one, which contains certainty."""
        later = (p.starts for p in self.phrases if p.starts > phrase.starts)
        return next(later, CERTAIN)


def _odds(probability: int) -> str:
    """Returns `about 7 in 10`, in hundredths near 0 and 1; halves are rounded up."""
    tenths, hundredths = (probability + 500) // 1_000, (probability + 50) // 100
    if not hundredths:
        return "less than 1 in 100"
    if hundredths == 100:
        return "more than 99 in 100"
    return (
        f"about {tenths} in 10" if 1_000 <= probability <= 9_000 else f"about {hundredths} in 100"
    )


@dataclass(frozen=True, slots=True)
class EntityRule:
    """The entities that a question may name.

    `sql` gives rows `name` (as in the tables) and, where there are any, further columns with other
    names of the entity; a column `detail` is shown to the model, and a number `weight` states its
    prominence: among several of one name, the one far above the others is meant. `aliases` are
    nicknames, by name. `active_sql` gives the entities (`name`, `reason`) of which news is to be
    expected, as of `:today`.
    """

    __pydantic_config__ = _FORM

    sql: Query
    aliases: Mapping[Words, Sequence[Words]] = field(default_factory=dict[str, Sequence[str]])
    active_sql: Query | None = None


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """The domain's unit of time: `word` is the word before the number in a question ("week").

    `also` are other words and short forms of it ("wk"). `current_sql` gives the period that advice
    on `:today` is for, `ends_sql` the last day (YYYY-MM-DD) of `:period`. `season_sql` gives a row
    for each season in the tables: `season`, its name ("2021", "2024-25"), and `current`, the name
    of the season on `:today`.
    """

    __pydantic_config__ = _FORM

    word: Words
    current_sql: Query | None = None
    ends_sql: Query | None = None
    season_sql: Query | None = None
    also: Sequence[Words] = ()


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """The value of an option before its period, and the results of earlier pairs. `lower_wins`: the
    lower value is the better one, as with times, costs and ranks.

    `value_sql` gives one number for `:option` in `:period`, named `label`. `past_sql` gives rows
    (`gap`, `cases`, `higher_won`) of decided pairs before `:period`, from which the chance of the
    better one is fitted; `higher_won` counts the wins of the higher value, independent of
    `lower_wins`. `availability_sql` gives a row (`reason`, `value`) for each reason against
    `:option` taking part in `:period`, such as a bye; `value`, where it is not NULL, replaces the
    one of `value_sql`.
    """

    __pydantic_config__ = _FORM

    label: Words
    value_sql: Query
    past_sql: Query
    lower_wins: StrictBool = False
    availability_sql: Query | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """The rule that decides which advice was right.

    `over_sql` gives a row once `:period` is decided. `value_sql` gives the one number that
    `:option` reached in `:period`; no row, or NULL: it did not take part. The advised option is
    right when its number is the highest, wrong when another's is higher (with `lower_wins` the
    lowest, and lower), void at a tie or when one did not take part.
    """

    __pydantic_config__ = _FORM

    over_sql: Query
    value_sql: Query
    lower_wins: StrictBool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One domain. `version` identifies its content and changes with it.

    `option_label` is the name of an option in JSON (`player`); `prompts` are instructions by
    `prompt_type`, with `default` always among them. `fresh_words` ask for fresh facts in this
    domain. `web_search` false: never searched on the web. `unverified_cap` is the key of the
    highest phrase that advice without the fresh facts it needs may carry.
    """

    profile_id: str
    version: str
    title: str
    description: str
    prompts: Mapping[str, str]
    phrases: PhraseScale
    unverified_cap: str
    option_label: str = PLAIN_LABEL
    fresh_words: Sequence[str] = ()
    web_search: bool = True
    entities: EntityRule | None = None
    period: PeriodRule | None = None
    comparison: ComparisonRule | None = None
    outcome: OutcomeRule | None = None
    tables: Sequence[str] = ()
    disclaimer: str = ""
