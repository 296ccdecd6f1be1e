"""`candor benchmark`: measure whether models clean dirty tables without breaking them."""

from backend.cli.benchmark.inject import inject
from backend.cli.benchmark.run_benchmark import list_benchmarks, run_benchmark
from backend.cli.benchmark.score import SCORE_EXAMPLES, score
from backend.cli.command_run import CommandApp

app = CommandApp()

_RUN = (
    "candor benchmark run",
    "candor benchmark run --out page.html --csv results.csv",
    "candor benchmark run --models openai:gpt-4.1-mini --contestants combined --budget 5",
    "candor benchmark run --data my-tables --contestants nothing,combined",
)
_INJECT = (
    "candor benchmark inject customers.csv --dimension consistency --level hard --seed 7",
    "candor benchmark inject customers.csv --dimension accuracy --out dirty.csv --truth truth.jsonl",
)

app.lists(*_RUN)(list_benchmarks)
app.add("run", *_RUN, json=False, offline=True)(run_benchmark)
app.add("score", *SCORE_EXAMPLES)(score)
app.add("inject", *_INJECT)(inject)
