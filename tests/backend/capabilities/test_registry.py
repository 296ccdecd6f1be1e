"""Each capability declares what it brings, once, and nothing of the house is left undeclared."""

from collections import Counter
from pathlib import Path

from backend.capabilities.declaration import imported
from backend.capabilities.registry import CAPABILITIES, commands
from backend.composition.foundation import Composition
from backend.settings.settings import Settings
from use_cases.kernel.model import Scope

ROOT = Path(__file__).parents[3]


def test_commands_have_places_of_their_own() -> None:
    places = Counter(command.place for command in commands().values())
    assert max(places.values()) == 1


def test_every_module_of_routes_belongs_to_one_capability() -> None:
    declared = [module for one in CAPABILITIES for module in one.routes]
    folder = ROOT / "backend" / "http" / "routes"
    found = {
        f"backend.http.routes.{path.stem}"
        for path in folder.glob("*.py")
        if "= Router(" in path.read_text()
    }
    assert sorted(declared) == sorted(found)


def test_every_scope_belongs_to_one_capability() -> None:
    assert sorted(scope for one in CAPABILITIES for scope in one.scopes) == sorted(Scope)


def test_every_group_of_settings_is_read() -> None:
    for path in (path for one in CAPABILITIES for path in one.settings):
        assert issubclass(Settings, imported(path)), path


def test_every_composition_is_one() -> None:
    for path in (path for one in CAPABILITIES for path in one.compositions.values()):
        assert issubclass(imported(path), Composition), path
