"""The entities that a question names: players, products, or others from the profile's tables.

Promises: names are found in any case, accents and punctuation, the longest first, each once, in the
order of the question. A last name or another name counts where only one entity has it, or one is
far more prominent; a misspelt one where only one is near. The reader gets a notice on both. A name
that is ambiguous or unknown is no entity but a notice with suggestions. A failed query of the
profile costs the entities and leaves a notice. Leaves the names to the tables, and their aliases to
the profile.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from use_cases.advice.model import NamedEntity
from use_cases.advice.profile import EntityRule, Profile
from use_cases.advice.profiles.name_index import Match, Mention, NameIndex
from use_cases.advice.profiles.queries import QueryTrouble, ask, bare, pages, require_tables
from use_cases.advice.profiles.tokens import fold_words
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Rows, Table
from use_cases.kernel.ports import StructuredData

MOST_NAMED = 20
"""The most entities of one question; a question with more asks for a list, not for advice."""

_MOST_KEPT = 8
"""The number of profiles (in one state of the tables each) whose names stay in memory."""

_MOST_SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class NamedEntities:
    """The entities of a question, in its order; `notices` are sentences on names in doubt.

    `unclear`: it also names something ambiguous or unknown.
    """

    entities: tuple[NamedEntity, ...] = ()
    notices: tuple[str, ...] = ()
    unclear: bool = False


class Entities:
    """Finds a profile's entities in texts. Names are read once for each version of the tables."""

    def __init__(self, data: StructuredData) -> None:
        self._data = data
        self._known: OrderedDict[tuple[object, ...], NameIndex] = OrderedDict()

    async def named(self, profile: Profile, question: str, today: date) -> NamedEntities:
        """Returns the entities that the question names, with the reason to expect news of them."""
        rule = profile.entities
        if rule is None:
            return NamedEntities()
        try:
            index = await self._index(profile, rule)
        except QueryTrouble as trouble:
            return NamedEntities(notices=(str(trouble),))
        mentions = index.mentions(question)[:MOST_NAMED]
        notices = [doubt for said in mentions if (doubt := _doubt(said))]
        # One that is named twice in different words is one: "Mahomes" and "Patrick Mahommes".
        single = {name: said.said for said in reversed(mentions) if (name := said.meant)}
        single = dict(reversed(single.items()))
        try:
            reasons = await self._active(rule, list(single), today)
        except QueryTrouble as trouble:
            reasons = {}
            notices.append(str(trouble))
        entities = tuple(
            NamedEntity(name, said, index.details.get(name, ""), reasons.get(name))
            for name, said in single.items()
        )
        return NamedEntities(entities, tuple(notices), any(said.meant is None for said in mentions))

    async def resolve(self, profile: Profile, text: str) -> str | None:
        """Returns the name in the tables for a text; None where it is unknown or ambiguous.

        Raises `QueryTrouble`.
        """
        if profile.entities is None:
            return None
        names = (await self._index(profile, profile.entities)).meant(text)
        return names[0] if len(names) == 1 else None

    async def similar(self, profile: Profile, text: str) -> Sequence[str]:
        """Returns the names in the tables that are nearly the whole text. Raises `QueryTrouble`."""
        if profile.entities is None:
            return ()
        return (await self._index(profile, profile.entities)).similar(text)

    async def names(self, profile: Profile) -> Sequence[str]:
        """Returns all names, as in the tables. Raises `QueryTrouble`."""
        if profile.entities is None:
            return ()
        return (await self._index(profile, profile.entities)).names

    async def _index(self, profile: Profile, rule: EntityRule) -> NameIndex:
        tables = await _tables(self._data)
        require_tables(profile, tables)
        versions = tuple((table.name, table.document.version_id) for table in tables)
        key = (profile.profile_id, profile.version, versions)
        if key not in self._known:
            self._known[key] = await self._read(rule)
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return self._known[key]

    async def _read(self, rule: EntityRule) -> NameIndex:
        index = NameIndex()
        async for rows in pages(self._data, "entities.sql", rule.sql):
            _add(index, rows)
        for name, aliases in rule.aliases.items():
            index.add_aliases(name, aliases)
        return index

    async def _active(
        self, rule: EntityRule, names: Sequence[str], today: date
    ) -> dict[str, str | None]:
        if rule.active_sql is None:
            return {}
        sql = f"SELECT name, reason FROM ({bare(rule.active_sql)}\n) WHERE name = :option LIMIT 1"  # noqa: S608  (the profile's own)
        reasons: dict[str, str | None] = {}
        for name in names:
            values = {"option": name, "today": today.isoformat()}
            found = await ask(self._data, "entities.active_sql", sql, values)
            if found.rows:
                reasons[name] = str(found.rows[0][1] or "") or None
        return reasons


async def _tables(data: StructuredData) -> Sequence[Table]:
    try:
        return await data.tables()
    except CandorError as error:
        raise QueryTrouble(f"The tables cannot be read: {error.detail}") from error


def _add(index: NameIndex, rows: Rows) -> None:
    columns = [column.casefold() for column in rows.columns]
    if "name" not in columns:
        raise QueryTrouble("The profile's entities.sql gives no column `name`.")
    for row in rows.rows:
        cells = dict(zip(columns, row, strict=True))
        name, detail = str(cells.pop("name") or ""), cells.pop("detail", None)
        weight = cells.pop("weight", None)
        if isinstance(weight, str):
            raise QueryTrouble(
                f"The profile's entities.sql gives the weight {weight!r}, which is no number."
            )
        if fold_words(name):
            others = [str(cell) for cell in cells.values() if cell]
            index.add(name, others, str(detail or ""), weight or 0.0)


def suggestion(names: Sequence[str]) -> str:
    """Returns a question for the intended name; empty without names."""
    return f" Did you mean {' or '.join(names[:_MOST_SUGGESTED])}?" if names else ""


def _doubt(said: Mention) -> str | None:
    """Returns a notice on the interpretation of a name; None where it is beyond doubt."""
    match said.match:
        case Match.UNKNOWN:
            return f"The tables know nobody called “{said.said}”.{suggestion(said.names)}"
        case Match.CLOSE:
            return f"“{said.said}” is taken for {said.names[0]}, the nearest name in the tables."
        case Match.PROMINENT:
            return f"“{said.said}” is taken for {said.names[0]}; others are called so too."
        case Match.EXACT if len(said.names) > 1:
            shown = ", ".join(said.names[:_MOST_SUGGESTED])
            more = " and others" if len(said.names) > _MOST_SUGGESTED else ""
            return f"“{said.said}” could be {shown}{more}; write the full name of the one you mean."
        case _:
            return None
