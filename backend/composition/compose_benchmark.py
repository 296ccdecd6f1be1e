"""Benchmark: dirty tables, their truth, and what cleans them."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part
from backend.installation import samples

if TYPE_CHECKING:
    from use_cases.benchmark.clean_table import CleanTable
    from use_cases.benchmark.manage_benchmarks import ManageBenchmarks
    from use_cases.benchmark.score_tables import ScoreTables
    from use_cases.benchmark.tasks import InjectTable, LoadTasks


class BenchmarkComposition(Composition):
    """Make tasks, run contestants on them, and score what they did; clean a table of one's own."""

    load_tasks: "Part[LoadTasks]" = Part(
        "use_cases.benchmark.tasks:LoadTasks",
        sample_tables=lambda settings: str(samples() / "clean-tables"),
    )
    inject_table: "Part[InjectTable]" = Part("use_cases.benchmark.tasks:InjectTable")
    clean_table: "Part[CleanTable]" = Part(
        "use_cases.benchmark.clean_table:CleanTable", seconds="benchmark_timeout"
    )
    score_tables: "Part[ScoreTables]" = Part("use_cases.benchmark.score_tables:ScoreTables")

    manage_benchmarks: "Part[ManageBenchmarks]" = Part(
        "use_cases.benchmark.manage_benchmarks:ManageBenchmarks", tasks="task_source"
    )

    task_source = Inner(
        "use_cases.benchmark.tasks:LoadTasks",
        sample_tables=lambda settings: str(samples() / "clean-tables"),
    )
    benchmark_policy = Inner("use_cases.benchmark.manage_benchmarks:BenchmarkPolicy")
    built_in = Inner("use_cases.benchmark.contestants.cleaning_prompts:CleaningPrompts")
    model_contestants = Inner(
        "use_cases.benchmark.contestants.model_contestant:ModelContestant",
        model=None,
        policy="call_policy",
        pause=None,
        budget=None,
        watch=None,
    )
    call_policy = Inner(
        "use_cases.benchmark.contestants.part_calls:CallPolicy",
        clean_concurrency="eval_concurrency",
        clean_retries=None,
        clean_chunk_rows=None,
    )
    table_files = Inner("services.documents.string_tables:StringTableFiles")
