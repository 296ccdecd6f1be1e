"""Running a server: its limits, its API keys and users, its logs."""

from backend.capabilities.declaration import Capability, Command

SERVER = Capability(
    commands={
        "serve": Command(
            170, "backend.cli.server.serve", "Serve the HTTP API, by default on this machine only."
        ),
        "keys": Command(180, "backend.cli.server.keys", "Create, list and revoke API keys."),
        "users": Command(
            185,
            "backend.cli.server.keys:users_app",
            "List users, and change who administers or may sign in.",
        ),
        "doctor": Command(
            190,
            "backend.cli.server.doctor",
            "Check that everything Candor needs is present and works.",
        ),
    },
    routes=("backend.http.routes.sign_in_routes",),
    scopes=("admin", "service"),
    settings=(
        "backend.settings.limits:LimitSettings",
        "backend.settings.server:ServerSettings",
        "backend.settings.identity:IdentitySettings",
        "backend.settings.sign_in:SignInSettings",
        "backend.settings.logs:LogSettings",
    ),
    compositions={"identity": "backend.composition.identity:IdentityComposition"},
)
