"""Hints in the place of commands that are no more."""

from collections.abc import Mapping, Sequence

REMOVED: Mapping[str, str] = {
    "backtest": "`candor confidence report --csv FILE` judges past forecasts, and a "
    "checkout of Candor replays decisions with `python -m benchmarks.start_sit FOLDER`.",
    "prompts versions": "`candor prompts history PROMPT` lists versions, labels and their moves.",
    "prompts labels": "`candor prompts history PROMPT` lists versions, labels and their moves.",
    "prompts label": "`candor prompts promote PROMPT@VERSION --label LABEL` gives a label, and "
    "`candor prompts rollback PROMPT --label LABEL --remove` takes it away.",
    "chat --list": "`candor conversations` lists chats and imported conversations.",
    "chat -l": "`candor conversations` lists chats and imported conversations.",
    "conversations rename": "`candor conversations edit ID --title TITLE`",
    "conversations switch": "`candor conversations edit ID --branch MESSAGE`",
    "conversations reparse": "`candor conversations show`, `candor search` and `candor export` read "
    "imports of an older version anew by themselves.",
    "conversations inspect": "`candor import FILE --dry-run`",
    "conversations attach": "`candor conversations files ID --attach FILE`",
    "users set": "`candor users USER --admin`, `--no-admin`, `--active` or `--inactive`",
    "conversations download": "`candor conversations files FILE_ID`",
    "prompts diff": "`candor prompts show PROMPT@VERSION OTHER@VERSION`",
    "profiles show": "`candor profiles PROFILE`",
    "profiles list": "`candor profiles`",
    "profiles check": "`candor profiles PROFILE --check`",
    "datasets items": "`candor datasets show DATASET` shows the cases, too.",
    "datasets delete": "`candor datasets remove DATASET`",
    "prompts delete": "`candor prompts remove PROMPT`",
    "eval label": "`candor eval feedback RUN` shows judged answers one by one, and `candor eval feedback RUN "
    "PLACE pass` judges one.",
    "eval retry": "`candor eval resume RUN --errors`",
    "benchmark show": "`candor eval show RUN`, and `candor eval export RUN --out page.html` for files.",
    "benchmark resume": "`candor eval resume RUN`",
    "benchmark cancel": "`candor eval cancel RUN`",
    "benchmark remove": "`candor eval remove RUN`",
}
"""What to do instead, by the command's words."""


def hint_for(words: Sequence[str]) -> str:
    """Returns the hint for these words of a command line; empty where they name no removed command."""
    named = " ".join(words)
    return next((REMOVED[each] for each in REMOVED if f"{named} ".startswith(f"{each} ")), "")
