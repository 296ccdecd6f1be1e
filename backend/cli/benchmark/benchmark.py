"""`candor benchmark`: measure whether models clean dirty tables without breaking them."""

from backend.cli.benchmark.inject import inject
from backend.cli.benchmark.score import SCORE_EXAMPLES, score
from backend.cli.command_run import command_app, examples

app = command_app()

_INJECT = examples(
    "candor benchmark inject customers.csv --dimension consistency --level hard --seed 7",
    "candor benchmark inject customers.csv --dimension accuracy --out dirty.csv --truth truth.jsonl",
)


@app.callback(epilog=_INJECT)
def benchmark() -> None:
    """Measure whether models clean dirty tables without breaking them."""


app.command(epilog=_INJECT)(inject)
app.command(epilog=SCORE_EXAMPLES)(score)
