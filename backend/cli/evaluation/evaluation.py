"""`candor eval`: evaluate prompts, models, chat and advice, and work with recorded runs."""

from backend.cli.command_run import CommandApp, examples
from backend.cli.evaluation.calibrate_judges import calibrate_judges
from backend.cli.evaluation.evaluate import RUN_EXAMPLES, run_evaluation
from backend.cli.evaluation.judge_answers import judge_answers
from backend.cli.evaluation.manage_runs import add_commands
from backend.cli.evaluation.share_report import share_report

app = CommandApp()

app.add("run", *RUN_EXAMPLES, json=False, offline=True)(run_evaluation)
add_commands(app, *RUN_EXAMPLES)
app.command(
    "feedback",
    epilog=examples(
        "candor eval feedback eval_01K9ZC3W5T",
        "candor eval feedback eval_01K9ZC3W5T --assertion llm-rubric --sample 100 --as Ada",
        "candor eval feedback eval_01K9ZC3W5T 12 fail --as Ada",
    ),
)(judge_answers)
app.add("calibrate", "candor eval calibrate eval_01K9ZC3W5T --json")(calibrate_judges)
app.add(
    "share",
    "candor eval share eval_01K9ZC3W5T --without outputs --days 7",
    "candor eval share eval_01K9ZC3W5T --list",
    "candor eval share eval_01K9ZC3W5T --revoke link_01K9ZC3W5T",
    json=False,
)(share_report)
