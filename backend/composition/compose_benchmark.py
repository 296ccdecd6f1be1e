"""Benchmark: dirty tables, their truth, and what cleans them."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part
from backend.installation import samples

if TYPE_CHECKING:
    from use_cases.benchmark.clean_table import CleanTable
    from use_cases.benchmark.manage_benchmarks import ManageBenchmarks
    from use_cases.benchmark.tasks import InjectTable, LoadTasks, ScoreTables


class BenchmarkComposition(Composition):
    """Make tasks, run contestants on them, and score what they did; clean a table of one's own."""

    within = "use_cases.benchmark"

    load_tasks: "Part[LoadTasks]" = Part(
        ".tasks:LoadTasks", sample_tables=lambda settings: str(samples() / "clean-tables")
    )
    inject_table: "Part[InjectTable]" = Part(".tasks:InjectTable")
    clean_table: "Part[CleanTable]" = Part(".clean_table:CleanTable")
    score_tables: "Part[ScoreTables]" = Part(".tasks:ScoreTables")

    manage_benchmarks: "Part[ManageBenchmarks]" = Part(".manage_benchmarks:ManageBenchmarks")

    built_in = Inner(".contestants.model_contestant:CleaningPrompts")
    model_contestants = Inner(
        ".contestants.model_contestant:ModelContestant", at_once="eval_concurrency"
    )
    table_files = Inner("services.documents.string_tables:StringTableFiles")
