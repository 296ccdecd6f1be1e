"""The options of a decision: the entities that a question names, and the values known of them
beforehand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

COMPARE_TOOL = "compare_options"
"""The agent's tool that compares options; its result carries a `Comparison` or `NoComparison` as
metadata.
"""


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """An entity of the domain that the question names.

    `name` is its name in the tables, `said` its wording in the question. `active` is the reason to
    expect news of it, None where there is none.
    """

    name: str
    said: str
    detail: str = ""
    active: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer that a question proposes: one option instead of another."""

    start: str
    bench: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The form of a question's choice; by default it asks for the best of the options it names.

    `places`: the number of options it asks for. `left_out`: options that it names in order to
    exclude them. `worse`: its word for leaving an option out ("bench"), where it asks for that one.
    `proposal`: the answer it proposes. `unclear`: it names some entities that are ambiguous or
    unknown.
    """

    places: int = 1
    left_out: tuple[str, ...] = ()
    worse: str = ""
    proposal: Proposal | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option with its value; None: unknown. `chance` (basis points) is the probability that it
    comes out ahead of all other compared options, None where unknown. `availability` states the
    reason against its taking part, such as a bye; empty where none is known.
    """

    option: str
    value: float | None
    chance: int | None = None
    availability: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Options compared by one measure, the best first.

    `label` names the measure; `lower_wins`: less of it is better. Chances come from a curve fitted
    to `cases` earlier decided pairs; `number` is the source under which the values can be cited,
    None when there are none. `when` is the period with its season, such as "week 6 of 2026";
    `frame` is the form of the question.
    """

    label: str
    options: Sequence[OptionValue]
    cases: int
    number: int | None = None
    period: int | None = None
    higher_won: int = 0
    when: str = ""
    lower_wins: bool = False
    frame: Frame = field(default_factory=Frame)

    @property
    def better(self) -> str:
        """The better option's measure in relation to the other's: "more" or "less"."""
        return "less" if self.lower_wins else "more"

    @property
    def won(self) -> int:
        """The number of decided pairs that the better one won."""
        return self.cases - self.higher_won if self.lower_wins else self.higher_won

    @property
    def best(self) -> OptionValue | None:
        """The option with the best chance; None where no chance is known."""
        known = [option for option in self.options if option.chance is not None]
        return max(known, key=lambda option: option.chance or 0, default=None)


@dataclass(frozen=True, slots=True)
class NoComparison:
    """The reason why options could not be compared, in whole sentences for the reader."""

    reason: str
