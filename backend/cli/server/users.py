"""`candor users`: list users, and change who administers or may sign in."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.empty_results import explain_empty_store
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.users import User

app = command_app()


@app.callback(
    invoke_without_command=True,
    epilog=examples("candor users", "candor users set ada@example.com --admin"),
)
def users(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=999, help="Show at most this many.")
    ] = 100,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Skip this many.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List users, and change who administers or may sign in.

    A user is made by a first sign-in, or by the first API key. Without a subcommand, it lists the
    users, the newest first.
    """
    if context.invoked_subcommand is not None:
        return

    async def work(candor: Container) -> ExitCode:
        found = await candor.identity.manage_users.list(limit=limit, offset=offset)
        if as_json:
            page = {
                "users": [_plain(user) for user in found],
                "next_offset": offset + limit if found.more else None,
            }
            terminal.data_json(page)
        elif found:
            head = ("ID", "E-MAIL", "NAME", "STATE", "CREATED")
            terminal.data(terminal.columns(head, [_row(user) for user in found]))
            if found.more:
                terminal.talk(f"There are more; add --offset {offset + limit}")
        else:
            begin = "candor keys create --user NAME --label LABEL"
            explain_empty_store(candor.settings, what="users", begin=begin)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "set",
    epilog=examples(
        "candor users set ada@example.com --admin",
        "candor users set user_01K9ZC3W5T0000000000000000 --inactive",
    ),
)
def change_user(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's id or e-mail address.")],
    admin: Annotated[
        bool | None,
        typer.Option("--admin/--no-admin", help="Whether the user administers the server."),
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option(
            "--active/--inactive",
            help="Whether the user may sign in; inactive also revokes the user's API keys.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a user, from the user's next request on, also at a running server."""

    async def work(candor: Container) -> ExitCode:
        if admin is None and active is None:
            raise InvalidInput("Name --admin, --no-admin, --active or --inactive.")
        changed = await candor.identity.manage_users.change(user, admin=admin, active=active)
        if as_json:
            terminal.data_json(_plain(changed))
        else:
            terminal.data(f"{changed.user_id} is {_state(changed)}")
            if admin is False and changed.is_admin:
                terminal.talk("note: ADMIN_EMAILS names this user, who stays an administrator.")
        return ExitCode.DONE

    run(work, as_json=as_json)


def _plain(user: User) -> dict[str, object]:
    return {
        "id": user.user_id,
        "email": user.email,
        "name": user.name,
        "is_admin": user.is_admin,
        "is_active": user.is_active,
        "created_at": user.created_at.isoformat(),
    }


def _row(user: User) -> tuple[str, ...]:
    created = f"{user.created_at:%Y-%m-%d %H:%M}"
    return (user.user_id, user.email or "-", user.name or "-", _state(user), created)


def _state(user: User) -> str:
    rights = "administrator" if user.is_admin else "user"
    return rights if user.is_active else f"{rights}, inactive"
