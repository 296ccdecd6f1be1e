"""The registry names every module of routes; commands are tested with the program."""

from pathlib import Path

from backend.registry import ROUTES

FOLDER = Path(__file__).parents[2] / "backend" / "http" / "routes"


def test_every_module_of_routes_is_served() -> None:
    found = [path.stem for path in FOLDER.glob("*.py") if "= Router(" in path.read_text()]
    assert sorted(ROUTES) == sorted(found)
