"""`candor benchmark`: measure whether models clean dirty tables without breaking them."""

from backend.cli.benchmark.inject import inject
from backend.cli.benchmark.run_benchmark import (
    cancel_benchmark,
    list_benchmarks,
    remove_benchmark,
    resume_benchmark,
    run_benchmark,
    show_benchmark,
)
from backend.cli.benchmark.score import SCORE_EXAMPLES, score
from backend.cli.command_run import command_app, examples

app = command_app()

_RUN = examples(
    "candor benchmark run",
    "candor benchmark run --out page.html --csv results.csv",
    "candor benchmark run --models openai:gpt-4.1-mini --contestants combined --budget 5",
    "candor benchmark run --data my-tables --contestants nothing,combined",
)
_INJECT = examples(
    "candor benchmark inject customers.csv --dimension consistency --level hard --seed 7",
    "candor benchmark inject customers.csv --dimension accuracy --out dirty.csv --truth truth.jsonl",
)


@app.callback(epilog=_RUN)
def benchmark() -> None:
    """Measure whether models clean dirty tables without breaking them."""


app.command("run", epilog=_RUN)(run_benchmark)
app.command("list")(list_benchmarks)
app.command("show", epilog=examples("candor benchmark show bench_01K9ZC3W5T --out page.html"))(
    show_benchmark
)
app.command("resume", epilog=examples("candor benchmark resume bench_01K9ZC3W5T --budget 5"))(
    resume_benchmark
)
app.command("cancel", epilog=examples("candor benchmark cancel bench_01K9ZC3W5T"))(cancel_benchmark)
app.command("remove", epilog=examples("candor benchmark remove bench_01K9ZC3W5T --yes"))(
    remove_benchmark
)
app.command(epilog=SCORE_EXAMPLES)(score)
app.command(epilog=_INJECT)(inject)
