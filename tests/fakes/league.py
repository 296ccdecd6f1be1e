"""A small invented league: four rounds, four players, and the profile that advises on them.

Before round 4 six pairs were decided (one more was a tie), of which the one expected to score more won
five. In round 4 Ahn is expected at 3, Cole-Dár (who does not play) at 2, Bell at 1.
"""

from collections.abc import Sequence

from tests.fakes.profiles import SCALE
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.profile import (
    ComparisonRule,
    EntityRule,
    OutcomeRule,
    PeriodRule,
    Profile,
)
from use_cases.kernel.model import Column, ColumnType, Scalar
from use_cases.knowledge.model import TableData

LEAGUE = Profile(
    profile_id="league",
    version="1",
    title="The league",
    description="Whom to field this round.",
    prompts={"default": "You advise on whom to field."},
    phrases=SCALE,
    unverified_cap="even",
    option_label="player",
    entities=EntityRule(
        sql="SELECT name, nick, team AS detail FROM players",
        aliases={"Bruno Bell": ["The Wall"], "Nobody Atall": ["Nemo"]},
        active_sql="SELECT name, reason FROM news WHERE day <= :today",
    ),
    period=PeriodRule(
        word="round",
        current_sql="SELECT min(round) FROM rounds WHERE ends >= :today",
        ends_sql="SELECT ends FROM rounds WHERE round = :period",
        also=("R",),
    ),
    comparison=ComparisonRule(
        label="expected goals",
        value_sql="SELECT expected FROM form WHERE name = :option AND round = :period;",
        past_sql="""
            SELECT a.expected - b.expected AS gap, count(*) AS cases, sum(a.goals > b.goals) AS higher_won
            FROM form a JOIN form b ON a.round = b.round AND a.expected > b.expected
            WHERE a.round < :period AND a.goals <> b.goals
            GROUP BY gap
        """,
    ),
    outcome=OutcomeRule(
        over_sql="SELECT 1 FROM rounds WHERE round = :period AND ends < :today",
        value_sql="SELECT goals FROM form WHERE name = :option AND round = :period",
    ),
    tables=("players", "news", "rounds", "form"),
)

PLAYERS: Sequence[Sequence[Scalar]] = (
    ("Aidan Ahn", "Double A", "Reds"),
    ("Bruno Bell", None, "Blues"),
    ("Cléo Cole-Dár", "C.C.", "Reds"),
    ("Dora Bell", None, "Greens"),
)
ROUNDS: Sequence[Sequence[Scalar]] = (
    (1, "2026-03-01"),
    (2, "2026-03-08"),
    (3, "2026-03-15"),
    (4, "2026-03-22"),
)
FORM: Sequence[Sequence[Scalar]] = (
    (1, "Aidan Ahn", 3.0, 4),
    (1, "Bruno Bell", 2.0, 1),
    (1, "Cléo Cole-Dár", 1.0, 0),
    (2, "Aidan Ahn", 3.0, 2),
    (2, "Bruno Bell", 2.0, 3),
    (2, "Cléo Cole-Dár", 1.0, 1),
    (3, "Aidan Ahn", 3.0, 5),
    (3, "Bruno Bell", 2.0, 5),
    (4, "Aidan Ahn", 3.0, 1),
    (4, "Bruno Bell", 1.0, 4),
    (4, "Cléo Cole-Dár", 2.0, None),
)
NEWS: Sequence[Sequence[Scalar]] = (("Aidan Ahn", "knee, doubtful", "2026-03-10"),)


def league_tables(*, form: Sequence[Sequence[Scalar]] = FORM) -> MemoryTables:
    """The tables of the league."""
    text, whole, real = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.REAL
    return MemoryTables(
        _table("players", PLAYERS, name=text, nick=text, team=text),
        _table("news", NEWS, name=text, reason=text, day=ColumnType.DATE),
        _table("rounds", ROUNDS, round=whole, ends=ColumnType.DATE),
        _table("form", form, round=whole, name=text, expected=real, goals=whole),
    )


def _table(name: str, rows: Sequence[Sequence[Scalar]], /, **columns: ColumnType) -> TableData:
    described = [Column(column, column, kind) for column, kind in columns.items()]
    return TableData(name, name.title(), "", described, rows)
