"""`candor eval`: evaluate prompts, models, chat and advice, and work with recorded runs."""

from backend.cli.command_run import command_app, examples
from backend.cli.evaluation.calibrate_judges import calibrate_judges
from backend.cli.evaluation.evaluate import RUN_EXAMPLES, run_evaluation
from backend.cli.evaluation.label_answers import label_answers
from backend.cli.evaluation.manage_runs import (
    cancel_run,
    compare_runs,
    export_run,
    list_runs,
    remove_run,
    resume_run,
    retry_errors,
    show_run,
)
from backend.cli.evaluation.share_report import share_report

app = command_app()


@app.callback(epilog=RUN_EXAMPLES)
def evaluation() -> None:
    """Evaluate prompts, models, chat and advice, and compare them."""


app.command("run", epilog=RUN_EXAMPLES)(run_evaluation)
app.command("list")(list_runs)
app.command("show", epilog=examples("candor eval show eval_01K9ZC3W5T"))(show_run)
app.command("resume", epilog=examples("candor eval resume eval_01K9ZC3W5T --budget 5"))(resume_run)
app.command("retry", epilog=examples("candor eval retry eval_01K9ZC3W5T"))(retry_errors)
app.command("cancel", epilog=examples("candor eval cancel eval_01K9ZC3W5T"))(cancel_run)
app.command("remove", epilog=examples("candor eval remove eval_01K9ZC3W5T --yes"))(remove_run)
app.command(
    "export", epilog=examples("candor eval export eval_01K9ZC3W5T --out report.html --csv -")
)(export_run)
app.command("compare", epilog=examples("candor eval compare eval_01K9ZC3W5T eval_01K9ZD8R20"))(
    compare_runs
)
app.command(
    "label",
    epilog=examples(
        "candor eval label eval_01K9ZC3W5T",
        "candor eval label eval_01K9ZC3W5T --assertion llm-rubric --sample 100 --as Ada",
        "candor eval label eval_01K9ZC3W5T --export labels.csv",
        "candor eval label eval_01K9ZC3W5T --from labels.csv",
    ),
)(label_answers)
app.command("calibrate", epilog=examples("candor eval calibrate eval_01K9ZC3W5T --json"))(
    calibrate_judges
)
app.command(
    "share",
    epilog=examples(
        "candor eval share eval_01K9ZC3W5T --without outputs --days 7",
        "candor eval share eval_01K9ZC3W5T --list",
        "candor eval share eval_01K9ZC3W5T --revoke link_01K9ZC3W5T",
    ),
)(share_report)
