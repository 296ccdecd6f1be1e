"""`candor keys`: make, list and revoke API keys."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.durations import read_duration
from backend.cli.empty_results import explain_empty_store
from backend.cli.server.key_view import CreatedKey, Key, KeyPage
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.admission import Budget
from use_cases.kernel.model import Scope

app = command_app()

User = Annotated[str, typer.Option("--user", "-u", help="The user of the key, such as anna.")]
Users = Annotated[str | None, typer.Option("--user", "-u", help="Only keys of this user.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=999, help="Show at most this many.")
]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Skip this many.")]


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor keys",
        'candor keys create --user anna --label "web" --expires 90d',
        "candor keys revoke key_01K9ZC3W5T0000000000000000",
    ),
)
def keys(
    context: typer.Context,
    user: Users = None,
    limit: Limit = 100,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Create, list and revoke API keys.

    A server with AUTH_MODE=required answers only requests that carry a key. Without a subcommand,
    it lists the keys.
    """
    if context.invoked_subcommand is None:
        _list(user, limit, offset, as_json)


@app.command(
    "create",
    epilog=examples(
        'candor keys create --user anna --label "web"',
        "candor keys create --user loader --label nightly --scope knowledge:write --expires 90d",
        "candor keys create --user anna --label ci --json | jq -r .key",
    ),
)
def create_key(
    user: User,
    label: Annotated[
        str, typer.Option("--label", "-l", help="A label that says what the key is for.")
    ],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            "--scope",
            "-s",
            help="A scope of the key; repeat the option for several. Unset: chat, knowledge:read and advice.",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires",
            help="How long the key is valid: 30m, 12h, 90d, 52w. Unset: until it is revoked.",
        ),
    ] = None,
    tokens: Annotated[
        int | None,
        typer.Option(
            "--tokens-per-day",
            min=0,
            help="Tokens that the key may use on a day (UTC); 0 is no limit. Unset: TOKENS_PER_DAY.",
        ),
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(
            "--cost-per-day",
            help="US dollars that the key may cost on a day (UTC), such as 2.50; 0 is no limit. Unset: COST_PER_DAY.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key and show it once.

    The key goes to stdout, everything else to stderr. Only a digest of the key is stored.
    """

    async def work(candor: Container) -> ExitCode:
        made = await candor.identity.manage_keys.create(
            user,
            label=label,
            scopes=scope or (Scope.CHAT, Scope.KNOWLEDGE_READ, Scope.ADVICE),
            life=None
            if expires is None
            else read_duration(
                "--expires", expires, hint="Omit it for a key that is valid until it is revoked."
            ),
            budget=Budget(tokens, None if cost is None else _dollars(cost)),
        )
        shown = CreatedKey.just(made)
        if as_json:
            terminal.data_json(shown.model_dump(mode="json"))
        else:
            terminal.data(made.secret)
            _announce(shown)
        if candor.settings.auth_mode == "local":
            terminal.talk("note: The server requires keys only with AUTH_MODE=required.")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("list")
def list_keys(
    user: Users = None, limit: Limit = 100, offset: Offset = 0, as_json: AsJson = False
) -> None:
    """List the keys, the newest first."""
    _list(user, limit, offset, as_json)


@app.command(
    "revoke",
    epilog=examples(
        "candor keys revoke key_01K9ZC3W5T0000000000000000", "candor keys revoke x7Gq2LmP0a"
    ),
)
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id or prefix.")],
    as_json: AsJson = False,
) -> None:
    """Revoke a key. The next request with it is refused, also by a running server."""

    async def work(candor: Container) -> ExitCode:
        shown = Key.revoked(await candor.identity.manage_keys.revoke(key))
        if as_json:
            terminal.data_json(shown.model_dump(mode="json"))
        else:
            terminal.data(f"Revoked {shown.id} ({shown.label}) of {shown.user_id}")
        return ExitCode.DONE

    run(work, as_json=as_json)


def _list(user: str | None, limit: int, offset: int, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        found = await candor.identity.manage_keys.list(user_id=user, limit=limit, offset=offset)
        used = await candor.identity.show_key_use.run(found)
        page = KeyPage.of(found, used, limit=limit, offset=offset)
        if as_json:
            terminal.data_json(page.model_dump(mode="json"))
        elif page.keys:
            _show(page)
        else:
            begin = "candor keys create --user NAME --label LABEL"
            explain_empty_store(candor.settings, what="keys", begin=begin)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _dollars(cost: str) -> Decimal:
    try:
        dollars = Decimal(cost.strip().removeprefix("$"))
    except InvalidOperation:
        dollars = Decimal("NaN")
    if not dollars.is_finite():
        raise InvalidInput("--cost-per-day takes US dollars, such as 2.50.")
    return dollars


def _announce(shown: CreatedKey) -> None:
    until = (
        "until it is revoked" if shown.expires_at is None else f"until {_moment(shown.expires_at)}"
    )
    terminal.talk(
        f"{shown.id} ({shown.label}) of {shown.user_id}, for {', '.join(shown.scopes)}, {until}."
    )
    terminal.talk("Save the key now: it is not shown again. Send it in the header X-API-Key.")


def _show(page: KeyPage) -> None:
    rows = [
        (
            item.id,
            item.prefix,
            item.user_id,
            item.state,
            _moment(item.created_at),
            _moment(item.last_used_at),
            _moment(item.expires_at),
            _share(f"{item.today.tokens}", item.limits.tokens),
            _share(f"{item.today.cost:.2f}", item.limits.cost),
            ",".join(item.scopes),
            item.label,
        )
        for item in page.keys
    ]
    head = (
        "ID",
        "PREFIX",
        "USER",
        "STATE",
        "CREATED",
        "LAST USED",
        "EXPIRES",
        "TOKENS TODAY",
        "$ TODAY",
        "SCOPES",
        "LABEL",
    )
    terminal.data(terminal.columns(head, rows))
    if page.next_offset is not None:
        terminal.talk(f"There are more; add --offset {page.next_offset}")


def _share(used: str, limit: int | Decimal | None) -> str:
    return f"{used} of {limit}" if limit else used


def _moment(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M}"
