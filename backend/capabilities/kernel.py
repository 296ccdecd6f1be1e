"""The declaration of the parts that all capabilities share: storage, models, the server's own routes."""

from backend.capabilities.declaration import Capability

KERNEL = Capability(
    routes=("backend.http.routes.server_health",),
    scopes=("metrics",),
    settings=("backend.settings.storage:StorageSettings", "backend.settings.models:ModelSettings"),
)
