"""What one piece of advice may use, on whose behalf: the dependencies of the agent and its tools."""

from dataclasses import dataclass, field

from use_cases.advice.options import Compared, Frame, NamedEntity
from use_cases.advice.ports import WebSearch
from use_cases.advice.profile import Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.seasons import Season
from use_cases.kernel.runs.lookups import Lookups


@dataclass(slots=True, kw_only=True)
class AdviceDeps(Lookups):
    """The lookups of chat, and what advice adds.

    `entities` knows how the profile's tables call what the model names (None: as the model says),
    `named` are the things the question names to choose from, `period` the one it is about (None:
    unknown), `season` the one that the tables hold, `frame` how the question asks.
    `web` is there when a search is called for and a backend can do it, `web_left` how many searches
    may still be made; `native_web`: the model's provider searches by itself. `compared` and `web_searches` note what was really done.
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
    compared: list[Compared] = field(default_factory=list[Compared])
