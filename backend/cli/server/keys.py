"""`candor keys` and `candor users`: API keys, who administers, and who may sign in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Self

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Limit, Noun, Offset, cell, read_dollars, read_duration
from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.admission import Budget, Used
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.manage_keys import KeyUse
from use_cases.kernel.identity.users import User
from use_cases.kernel.model import Scope

app = CommandApp()
users_app = CommandApp()

_BEGIN = "candor keys create --user NAME --label LABEL"
_USED = ("answers", "tokens", "cost", "estimated")
_FIELDS = ("prefix", "user_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at")
_USERS: Noun[User] = Noun(
    "users",
    _BEGIN,
    (
        ("ID", lambda user: user.user_id),
        ("E-MAIL", lambda user: user.email or "-"),
        ("NAME", lambda user: user.name or "-"),
        ("STATE", lambda user: _rights(user)),
        ("CREATED", lambda user: user.created_at),
    ),
)


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key with its state, its use since midnight (UTC), and the limits that hold for it."""

    key: ApiKey
    state: str
    today: Used
    limits: Budget

    @classmethod
    def of(cls, key: ApiKey, use: KeyUse) -> Self:
        """Returns the key as it was at the time of this use."""
        today = use.used.get(key.key_id, Used())
        return cls(key, _state(key, use.at), today, use.budget.of(key))

    def record(self) -> dict[str, object]:
        """Returns its JSON; a limit is null for none."""
        used = {name: getattr(self.today, name) for name in _USED}
        limits = {"tokens": self.limits.tokens or None, "cost": self.limits.cost or None}
        return {**_plain_key(self.key, self.state), "today": used, "limits": limits}


_KEYS: Noun[UsedKey] = Noun(
    "keys",
    _BEGIN,
    (
        ("ID", lambda one: one.key.key_id),
        ("PREFIX", lambda one: one.key.prefix),
        ("USER", lambda one: one.key.user_id),
        ("STATE", lambda one: one.state),
        ("CREATED", lambda one: one.key.created_at),
        ("LAST USED", lambda one: one.key.last_used_at or "-"),
        ("EXPIRES", lambda one: one.key.expires_at or "-"),
        ("TOKENS TODAY", lambda one: _share(f"{one.today.tokens}", one.limits.tokens)),
        ("$ TODAY", lambda one: _share(f"{one.today.cost:.2f}", one.limits.cost)),
        ("SCOPES", lambda one: _scopes(one.key)),
        ("LABEL", lambda one: one.key.label),
    ),
)


@app.lists(
    "candor keys",
    'candor keys create --user anna --label "web" --expires 90d',
    "candor keys revoke key_01K9ZC3W5T0000000000000000",
)
async def list_keys(
    candor: Container,
    user: Annotated[
        str | None, typer.Option("--user", "-u", help="Only keys of this user.")
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Shown:
    """Create, list and revoke API keys.

    A server with AUTH_MODE=required answers only requests that carry a key. Without a subcommand,
    it lists the keys, the newest first.
    """
    found = await candor.identity.manage_keys.list(user_id=user, limit=limit, offset=offset)
    use = await candor.identity.show_key_use.run(found)
    rows = [UsedKey.of(key, use) for key in found]
    more = offset + limit if found.more else None
    return _KEYS.page(candor, rows, more, by="offset", record=UsedKey.record)


@app.add(
    "create",
    'candor keys create --user anna --label "web"',
    "candor keys create --user loader --label nightly --scope knowledge:write --expires 90d",
    "candor keys create --user anna --label ci --json | jq -r .key",
)
async def create_key(
    candor: Container,
    user: Annotated[str, typer.Option("--user", "-u", help="The user of the key, such as anna.")],
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
) -> Shown:
    """Create a key and show it once.

    The key goes to stdout, everything else to stderr. Only a digest of the key is stored.
    """
    hint = "Omit it for a key that is valid until it is revoked."
    made = await candor.identity.manage_keys.create(
        user,
        label=label,
        scopes=scope or (Scope.CHAT, Scope.KNOWLEDGE_READ, Scope.ADVICE),
        life=None if expires is None else read_duration("--expires", expires, hint=hint),
        budget=Budget(tokens, read_dollars("--cost-per-day", cost)),
    )
    key = made.key
    until = "until it is revoked" if key.expires_at is None else f"until {cell(key.expires_at)}"
    value = {"key": made.secret, **_plain_key(key, "in force")}

    def write() -> None:
        terminal.data(made.secret)
        scopes = ", ".join(_scopes(key))
        terminal.talk(f"{key.key_id} ({key.label}) of {key.user_id}, for {scopes}, {until}.")
        terminal.talk("Save the key now: it is not shown again. Send it in the header X-API-Key.")

    if candor.settings.auth_mode == "local":
        terminal.talk("note: The server requires keys only with AUTH_MODE=required.")
    return Shown(value, write)


@app.add(
    "revoke",
    "candor keys revoke key_01K9ZC3W5T0000000000000000",
    "candor keys revoke x7Gq2LmP0a",
)
async def revoke_key(
    candor: Container,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id or prefix.")],
) -> Shown:
    """Revoke a key. The next request with it is refused, also by a running server."""
    began = datetime.now(UTC)
    gone = await candor.identity.manage_keys.revoke(key)
    about = f"{gone.key_id} ({gone.label}) of {gone.user_id}"
    text = f"Revoked {about}"
    if gone.revoked_at is not None and gone.revoked_at < began:
        text = f"{about} was revoked already, at {gone.revoked_at:%Y-%m-%d %H:%M} UTC"
    return Shown(_plain_key(gone, "revoked"), text)


@users_app.add(
    None,
    "candor users",
    "candor users ada@example.com --admin",
    "candor users user_01K9ZC3W5T0000000000000000 --inactive",
)
async def users(
    candor: Container,
    user: Annotated[
        str | None, typer.Argument(metavar="USER", help="The user's id or e-mail address.")
    ] = None,
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
    limit: Limit = 100,
    offset: Offset = 0,
) -> Shown:
    """List users, and change who administers or may sign in.

    A user is made by a first sign-in, or by the first API key. A change holds from the user's next request
    on, also at a running server. Without a USER, it lists the users, the newest first.
    """
    manage = candor.identity.manage_users
    changes = admin is not None or active is not None
    if changes != (user is not None):
        raise InvalidInput("Name a USER, and --admin, --no-admin, --active or --inactive.")
    if user is None:
        found = await manage.list(limit=limit, offset=offset)
        more = offset + limit if found.more else None
        return _USERS.page(candor, found, more, by="offset", record=_plain_user)
    changed = await manage.change(user, admin=admin, active=active)

    def write() -> None:
        terminal.data(f"{changed.user_id} is {_rights(changed)}")
        if admin is False and changed.is_admin:
            terminal.talk("note: ADMIN_EMAILS names this user, who stays an administrator.")

    return Shown(_plain_user(changed), write)


def _plain_key(key: ApiKey, state: str) -> dict[str, object]:
    """Returns a key without its secret; the limits are its own, null for the server's, 0 for none."""
    return {
        "id": key.key_id,
        **{name: getattr(key, name) for name in _FIELDS},
        "scopes": _scopes(key),
        "state": state,
        "tokens_per_day": key.tokens_per_day,
        "cost_per_day": key.cost_per_day,
    }


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "in force" if key.in_force(now) else "expired"


def _scopes(key: ApiKey) -> list[Scope]:
    return [scope for scope in Scope if scope in key.scopes]


def _plain_user(user: User) -> dict[str, object]:
    names = ("email", "name", "is_admin", "is_active", "created_at")
    return {"id": user.user_id, **{name: getattr(user, name) for name in names}}


def _rights(user: User) -> str:
    rights = "administrator" if user.is_admin else "user"
    return rights if user.is_active else f"{rights}, inactive"


def _share(used: str, limit: int | Decimal | None) -> str:
    return f"{used} of {limit}" if limit else used
