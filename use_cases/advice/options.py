"""The options of a decision: what a question names, and what is known of them beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

COMPARE_TOOL = "compare_options"
"""The agent's tool that weighs options; beside its text come `Compared` or `NotCompared`."""


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """A thing of the domain that the question names.

    `name` is as the tables have it, `said` as the question says it. `active` is the reason why
    news of it is to be expected, None where there is none.
    """

    name: str
    said: str
    detail: str = ""
    active: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a question proposes: one option instead of another."""

    start: str
    bench: str


@dataclass(frozen=True, slots=True)
class Frame:
    """How a question frames its choice; without anything it asks for the best of those it names.

    `places`: how many options it asks for. `left_out`: whom it names in order to leave them out.
    `worse`: its word for leaving an option out ("bench"), where it asks which one that should be.
    `proposal`: the answer it proposes. `unclear`: whether it names some of whom it is not clear who
    they are.
    """

    places: int = 1
    left_out: tuple[str, ...] = ()
    worse: str = ""
    proposal: Proposal | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Valued:
    """An option with what is known of it; `value` None: nothing. `chance` (basis points) that it
    comes out ahead of all others that were compared, None where that cannot be told. `availability`
    says what speaks against its taking part, such as a bye; empty where nothing is known.
    """

    option: str
    value: float | None
    chance: int | None = None
    availability: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Options compared by one measure, the best first.

    `label` names the measure; `lower_wins`: less of it is better. Chances come from a curve fitted
    to `cases` decided pairs of before; `number` is the source under which the values can be cited,
    None when there are none. `when` is the period with its season, such as "week 6 of 2026"; `frame`
    is how the question asks.
    """

    label: str
    options: Sequence[Valued]
    cases: int
    number: int | None = None
    period: int | None = None
    higher_won: int = 0
    when: str = ""
    lower_wins: bool = False
    frame: Frame = field(default_factory=Frame)

    @property
    def better(self) -> str:
        """How the better option's measure compares: "more" or "less"."""
        return "less" if self.lower_wins else "more"

    @property
    def won(self) -> int:
        """How many of the decided pairs the better one won."""
        return self.cases - self.higher_won if self.lower_wins else self.higher_won

    @property
    def best(self) -> Valued | None:
        """The option with the best chance; None where no chance could be told."""
        known = [option for option in self.options if option.chance is not None]
        return max(known, key=lambda option: option.chance or 0, default=None)


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Why options could not be compared, in whole sentences for the reader."""

    reason: str
