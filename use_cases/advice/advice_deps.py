"""The dependencies of the advice agent and its tools: the caller's data and the limits of one
advice.
"""

from dataclasses import dataclass, field

from use_cases.advice.model import Comparison, Frame, NamedEntity
from use_cases.advice.ports import WebSearch
from use_cases.advice.profile import Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.question_period import Season
from use_cases.kernel.runs.lookups import Lookups


@dataclass(slots=True, kw_only=True)
class AdviceDeps(Lookups):
    """The lookups of chat, and those that advice adds.

    `entities` resolves the model's names to those of the profile's tables (None: names stay as they
    are), `named` are the entities of the question to choose from, `period` is the question's period
    (None: unknown), `season` the season of the tables, `frame` the form of the question. `web` is
    set when a search is called for and a backend can do it, `web_left` is the number of searches
    left; `native_web`: the model's provider searches. `compared` and `web_searches` record the
    comparisons and searches that were made.
    """

    profile: Profile
    instructions: str
    entities: Entities | None = None
    named: tuple[NamedEntity, ...] = ()
    period: int | None = None
    season: Season = field(default_factory=Season)
    frame: Frame = field(default_factory=Frame)
    web: WebSearch | None = None
    web_left: int = 0
    native_web: bool = False
    web_searches: list[str] = field(default_factory=list[str])
    compared: list[Comparison] = field(default_factory=list[Comparison])
