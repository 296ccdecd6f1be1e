"""The tool that compares options: values as a source, a chance from before, and never an error."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from pydantic_ai import RunContext, ToolReturn
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RunUsage

from tests.fakes.league import FORM, LEAGUE, league_tables
from tests.fakes.profiles import PLAIN
from tests.fakes.search import FixedSearch
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.comparison.comparison_tool import compare_options
from use_cases.advice.model import Comparison, NamedEntity, NoComparison, OptionValue
from use_cases.advice.profile import ComparisonRule, Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.kernel.citations.sources import RowsEntry
from use_cases.kernel.errors import StorageBusy
from use_cases.kernel.model import LOCAL, Rows, Scalar
from use_cases.kernel.text.secrets import SecretFilter

pytestmark = pytest.mark.anyio

AHN, BELL, COLE = "Aidan Ahn", "Bruno Bell", "Cléo Cole-Dár"
RULE = ComparisonRule("", "", "") if LEAGUE.comparison is None else LEAGUE.comparison


@dataclass
class Desk:
    """A question about some options in a round."""

    data: MemoryTables
    profile: Profile = LEAGUE
    named: tuple[str, ...] = (AHN, BELL)
    period: int | None = 4
    resolving: bool = True
    secrets: SecretFilter = field(default_factory=SecretFilter)

    async def compare(
        self, options: list[str] | None = None, period: int | None = None
    ) -> tuple[ToolReturn[str], AdviceDeps]:
        deps = AdviceDeps(
            caller=LOCAL,
            search=FixedSearch([]),
            data=self.data,
            today="2026-03-18",
            tables=tuple(await self.data.tables()),
            secrets=self.secrets,
            profile=self.profile,
            instructions="",
            entities=Entities(self.data) if self.resolving else None,
            named=tuple(NamedEntity(name, name) for name in self.named),
            period=self.period,
        )
        context = RunContext(deps=deps, model=TestModel(), usage=RunUsage())
        return await compare_options(context, options, period), deps

    async def refusal(self, options: list[str] | None = None) -> tuple[str, list[str]]:
        """Why nothing was compared, and the notices."""
        found, deps = await self.compare(options)
        assert isinstance(found.metadata, NoComparison)
        assert found.metadata.reason == found.return_value
        assert deps.compared == []
        return found.metadata.reason, deps.notices


@pytest.fixture
def desk(tables: MemoryTables) -> Desk:
    return Desk(tables)


async def test_the_options_of_the_question_are_compared_and_can_be_cited(desk: Desk) -> None:
    found, deps = await desk.compare()

    compared = deps.compared[0]
    assert found.metadata is compared
    assert compared == Comparison(
        label="expected goals",
        options=[OptionValue(AHN, 3.0, 6337), OptionValue(BELL, 1.0, 3663)],
        cases=6,
        number=1,
        period=4,
        higher_won=5,
        when="round 4",
    )
    assert compared.best == OptionValue(AHN, 3.0, 6337)
    assert found.return_value == (
        '<source n="1" tables="Form">\n'
        "| player | expected goals |\n| --- | --- |\n| Aidan Ahn | 3 |\n| Bruno Bell | 1 |\n\n"
        "Of 6 pairs decided before round 4, the one with more expected goals came out ahead in 5. "
        "A curve fitted to them gives the chance to come out ahead: Aidan Ahn 63 in 100; "
        "Bruno Bell 37 in 100.\n</source>"
    )
    assert deps.notices == []


async def test_where_less_is_better_the_lower_one_has_the_better_chance(desk: Desk) -> None:
    assert LEAGUE.comparison is not None
    golf = replace(
        LEAGUE.comparison,
        label="expected strokes",
        past_sql=LEAGUE.comparison.past_sql.replace("a.goals > b.goals", "a.goals < b.goals"),
        lower_wins=True,
    )
    found, deps = await replace(desk, profile=replace(LEAGUE, comparison=golf)).compare()
    (compared,) = deps.compared
    assert compared.options == [OptionValue(BELL, 1.0, 6337), OptionValue(AHN, 3.0, 3663)]
    assert compared.best == OptionValue(BELL, 1.0, 6337)
    assert (compared.cases, compared.higher_won, compared.won) == (6, 1, 5)
    assert (
        "Of 6 pairs decided before round 4, the one with less expected strokes came out ahead in 5. "
        "A curve fitted to them gives the chance to come out ahead: Bruno Bell 63 in 100; "
        "Aidan Ahn 37 in 100."
    ) in str(found.return_value)


async def test_without_decided_pairs_the_lower_one_comes_first_where_less_is_better(
    desk: Desk,
) -> None:
    assert LEAGUE.comparison is not None
    none = "SELECT 1 AS gap, 0 AS cases, 0 AS higher_won WHERE :period < 0"
    golf = replace(LEAGUE.comparison, past_sql=none, lower_wins=True)
    _, deps = await replace(desk, profile=replace(LEAGUE, comparison=golf)).compare()
    assert [option.option for option in deps.compared[0].options] == [BELL, AHN]


async def test_the_source_is_a_query_that_can_be_run_again(desk: Desk) -> None:
    _, deps = await desk.compare([AHN, COLE])

    entry = deps.ledger.entries[1]
    assert isinstance(entry, RowsEntry)
    again = await desk.data.query(entry.rows.sql)
    assert entry.rows.rows == [(AHN, 3.0), (COLE, 2.0)]
    assert again.rows == [(AHN, 3.0, 6, 5), (COLE, 2.0, 6, 5)]
    assert [table.name for table in entry.rows.tables] == ["form"]


async def test_nothing_of_the_period_itself_or_later_is_learnt(desk: Desk) -> None:
    _, before = await desk.compare(period=3)
    changed = [
        row if row[0] in (1, 2) else (row[0], row[1], row[2], 99 if row[1] == BELL else 0)
        for row in FORM
    ]
    tables = league_tables(form=changed)
    _, other = await Desk(tables).compare(period=3)

    assert before.compared == other.compared
    assert before.compared[0].cases == 6
    tables.close()


async def test_in_the_first_period_values_are_told_without_a_chance(desk: Desk) -> None:
    found, deps = await desk.compare(period=1)

    assert deps.compared[0].options == [OptionValue(AHN, 3.0), OptionValue(BELL, 2.0)]
    assert deps.compared[0].best is None
    assert "No pair was decided before round 1, so no chance can be told." in str(
        found.return_value
    )


async def test_three_options_share_the_chances(desk: Desk) -> None:
    _, deps = await desk.compare([BELL, COLE, AHN])

    options = deps.compared[0].options
    assert [option.option for option in options] == [AHN, COLE, BELL]
    assert sum(option.chance or 0 for option in options) == pytest.approx(10_000, abs=1)


async def test_the_model_may_name_options_in_other_words(desk: Desk) -> None:
    _, deps = await desk.compare(["ahn", "the wall", "Aidan AHN"])

    assert [option.option for option in deps.compared[0].options] == [AHN, BELL]


async def test_without_entities_options_are_taken_as_named(desk: Desk) -> None:
    desk.resolving = False
    _, deps = await desk.compare([AHN, BELL])

    assert [option.option for option in deps.compared[0].options] == [AHN, BELL]


async def test_unknown_options_are_told(desk: Desk) -> None:
    reason, notices = await desk.refusal([AHN, "Zed Zeppelin"])

    assert notices == ["The tables know no player 'Zed Zeppelin', or several."]
    assert reason == (
        "A comparison needs two options that the tables know, and only Aidan Ahn is named. "
        "The tables know no player 'Zed Zeppelin', or several."
    )


async def test_whatever_the_model_writes_as_an_option_is_told_in_short(desk: Desk) -> None:
    _, notices = await desk.refusal([AHN, "z" * 5000])

    assert notices == [f"The tables know no player {'z' * 60!r}, or several."]


async def test_a_period_beyond_all_numbers_of_a_database_is_no_error(desk: Desk) -> None:
    found, _ = await desk.compare(period=10**30)

    assert isinstance(found.metadata, NoComparison)


async def test_an_option_without_a_value_is_told_and_the_others_are_compared(desk: Desk) -> None:
    found, deps = await desk.compare([AHN, COLE, "Dora Bell"])

    assert [(o.option, o.value) for o in deps.compared[0].options] == [
        (AHN, 3.0),
        (COLE, 2.0),
        ("Dora Bell", None),
    ]
    assert deps.notices == ["There are no expected goals of Dora Bell in round 4."]
    assert "| Dora Bell |  |" in str(found.return_value)


async def test_fewer_than_two_values_are_nothing_to_compare(desk: Desk) -> None:
    reason, notices = await desk.refusal([AHN, "Dora Bell"])

    assert reason == (
        "Fewer than two of the options have expected goals in round 4: Aidan Ahn, Dora Bell. "
        "Aidan Ahn has 3."
    )
    assert notices == ["There are no expected goals of Dora Bell in round 4."]


AVAILABILITY = """
    SELECT reason, CASE WHEN reason = 'no match' THEN 0 END AS value FROM news
    WHERE name = :option AND day <= :today
"""


def hindered(desk: Desk, *news: tuple[str, str]) -> None:
    """Let the tables know something against the options."""
    rows = " UNION ALL ".join(f"SELECT '{n}' AS name, '{r}' AS reason" for n, r in news)
    sql = AVAILABILITY.replace("FROM news", f"FROM ({rows})").replace(" AND day <= :today", "")
    desk.profile = replace(LEAGUE, comparison=replace(RULE, availability_sql=sql))


async def test_who_does_not_take_part_counts_with_the_value_of_that(desk: Desk) -> None:
    hindered(desk, (AHN, "no match"))
    found, deps = await desk.compare()

    assert isinstance(found.metadata, Comparison)
    bell, ahn = found.metadata.options
    assert (bell.option, bell.value, bell.availability) == (BELL, 1.0, "")
    assert (ahn.option, ahn.value, ahn.availability) == (AHN, 0.0, "no match")
    assert (bell.chance or 0) > 5_000 > (ahn.chance or 0)
    assert deps.notices == ["Aidan Ahn in round 4: no match."]
    [entry] = deps.ledger.entries.values()
    assert isinstance(entry, RowsEntry)
    again = await desk.data.query(entry.rows.sql)
    assert [row[:3] for row in again.rows] == [(AHN, 0, "no match"), (BELL, 1.0, None)]
    assert again.columns[2] == "availability"


async def test_news_without_a_value_are_told_and_change_no_figure(desk: Desk) -> None:
    hindered(desk, (AHN, "knee, doubtful"), (AHN, "flu"))
    found, deps = await desk.compare()

    assert isinstance(found.metadata, Comparison)
    assert (found.metadata.options[0].option, found.metadata.options[0].value) == (AHN, 3.0)
    assert deps.notices == ["Aidan Ahn in round 4: knee, doubtful; flu."]


async def test_where_nobody_takes_part_there_is_nothing_to_compare(desk: Desk) -> None:
    hindered(desk, (AHN, "no match"), (BELL, "no match"))
    reason, _ = await desk.refusal()

    assert reason == (
        "None of the options takes part in round 4. "
        "Aidan Ahn in round 4: no match. Bruno Bell in round 4: no match."
    )


async def test_who_does_not_take_part_is_never_ahead(desk: Desk) -> None:
    hindered(desk, (AHN, "no match"))
    rule = replace(desk.profile.comparison or RULE, value_sql="SELECT -1")
    desk.profile = replace(desk.profile, comparison=rule)
    reason, _ = await desk.refusal()

    assert reason.startswith("No option that takes part in round 4 promises anything.")


@pytest.mark.parametrize(
    ("sql", "notice"),
    [
        ("SELECT x", "The profile's comparison.availability_sql failed: no such column: x."),
        (
            "SELECT 'out' AS reason",
            "The profile's comparison.availability_sql gives no column `value`.",
        ),
    ],
)
async def test_a_broken_availability_costs_no_comparison(desk: Desk, sql: str, notice: str) -> None:
    desk.profile = replace(LEAGUE, comparison=replace(RULE, availability_sql=sql))
    found, deps = await desk.compare()

    assert isinstance(found.metadata, Comparison)
    assert deps.notices == [notice]


async def test_a_period_that_the_tables_lack_is_not_compared(desk: Desk) -> None:
    found, _ = await desk.compare(period=9)

    assert found.return_value == "The tables hold no round 9."


async def test_a_misspelt_option_is_suggested(desk: Desk) -> None:
    _, notices = await desk.refusal([AHN, "Brunno Bel"])

    assert notices == [
        "The tables know no player 'Brunno Bel', or several. Did you mean Bruno Bell?"
    ]


async def test_the_period_must_be_known(desk: Desk) -> None:
    desk.period = None
    reason, notices = await desk.refusal()

    assert reason == "It is not clear which round this is about; name it, such as “round 5”."
    assert notices == []


async def test_a_question_that_names_no_options_is_not_asked_for_a_period(desk: Desk) -> None:
    desk.named, desk.period = (), None
    reason, _ = await desk.refusal()

    assert reason == "A comparison needs two options that the tables know, and none is named."


async def test_a_profile_without_a_comparison_says_so(desk: Desk) -> None:
    desk.profile = PLAIN
    reason, notices = await desk.refusal()

    assert reason == "The profile plain knows no figures by which options could be compared."
    assert notices == []


async def test_missing_tables_are_told() -> None:
    tables = MemoryTables()
    reason, notices = await Desk(tables).refusal()

    assert reason == (
        "The profile league needs tables that are not loaded: players, news, rounds, form. "
        "`candor ingest` loads them."
    )
    assert notices == [reason]
    tables.close()


@pytest.mark.parametrize(
    ("value_sql", "reason"),
    [
        ("SELECT x FROM form", "failed: no such column: x."),
        ("SELECT 'much'", "gives 'much', which is no number."),
        ("DROP TABLE form", 'failed: near "DROP": syntax error.'),
    ],
)
async def test_a_broken_value_query_is_told_and_ends_nothing(
    desk: Desk, value_sql: str, reason: str
) -> None:
    desk.profile = replace(LEAGUE, comparison=replace(RULE, value_sql=value_sql))
    told, notices = await desk.refusal()

    assert told == f"The profile's comparison.value_sql {reason}"
    assert notices == [told]


@pytest.mark.parametrize(
    ("past_sql", "notice"),
    [
        ("SELECT 1 FROM nowhere", "failed: no such table: nowhere."),
        ("SELECT 1 AS gap, 2 AS cases", "gives no column `higher_won`."),
        (
            "SELECT 1 AS gap, 2 AS cases, 3 AS higher_won",
            "gives gap 1 with 3 of 2 cases won.",
        ),
        (
            "SELECT -1 AS gap, 2 AS cases, 1 AS higher_won",
            "gives gap -1 with 1 of 2 cases won.",
        ),
        (
            "SELECT 1 AS gap, 1 AS cases, 1 AS higher_won FROM form a, form b, form c",
            "gives more than 200 rows; let it group by a rounded gap.",
        ),
    ],
)
async def test_a_broken_past_costs_the_chance_and_not_the_values(
    desk: Desk, past_sql: str, notice: str
) -> None:
    desk.profile = replace(LEAGUE, comparison=replace(RULE, past_sql=past_sql))
    _, deps = await desk.compare()

    assert deps.compared[0].options == [OptionValue(AHN, 3.0), OptionValue(BELL, 1.0)]
    assert deps.notices == [f"The profile's comparison.past_sql {notice}"]


async def test_values_out_of_no_table_are_no_source(desk: Desk) -> None:
    rule = ComparisonRule("luck", "SELECT length(:option)", RULE.past_sql)
    desk.profile = replace(LEAGUE, comparison=rule)
    found, deps = await desk.compare()

    assert deps.compared[0].number is None
    assert deps.ledger.entries == {}
    assert str(found.return_value).startswith("| player | luck |")


async def test_a_name_with_a_quote_stays_a_name() -> None:
    form = [(1, "D'Aron", 1.0, 1), (1, "x' OR '1", 2.0, 0)]
    tables = league_tables(form=form)
    _, deps = await Desk(tables, named=("D'Aron", "x' OR '1"), period=1).compare()

    assert [(o.option, o.value) for o in deps.compared[0].options] == [
        ("x' OR '1", 2.0),
        ("D'Aron", 1.0),
    ]
    tables.close()


async def test_a_busy_database_is_told() -> None:
    class Busy(MemoryTables):
        async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
            raise StorageBusy("Another process is writing.")

    tables = Busy()
    profile = replace(LEAGUE, tables=())
    reason, notices = await Desk(tables, profile=profile).refusal()

    assert reason == "The profile's comparison.value_sql failed: Another process is writing."
    assert notices == [reason]
    tables.close()


async def test_keys_do_not_reach_the_model(desk: Desk) -> None:
    desk.secrets = SecretFilter(("Aidan Ahn",))
    found, deps = await desk.compare()

    assert "Aidan Ahn" not in str(found.return_value)
    entry = deps.ledger.entries[1]
    assert isinstance(entry, RowsEntry)
    assert "Aidan Ahn" not in entry.text
