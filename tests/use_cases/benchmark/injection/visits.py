"""A clean table with everything that errors need: kinds, a key, dependencies and a reference."""

from use_cases.benchmark.model import Dependency, TableSchema, TextTable, ValueKind

_CITIES = ("Bergen", "Oslo", "Trondheim", "Aarhus", "Odense", "Malmö", "Lund", "Uppsala")
_COUNTRIES = ("Norway", "Norway", "Norway", "Denmark", "Denmark", "Sweden", "Sweden", "Sweden")
_NAMES = ("Ada Lund", "Bo Holm", "Cai Strand", "Dina Berg", "Eva Dahl", "Finn Aas", "Gro Vik")
_WORK = ("inspection", "repair", "calibration", "installation - first", "cleaning, dry")


def visits(rows: int = 200) -> TextTable:
    """A table of visits; `postcode` determines `city`, which determines `country`."""
    places = range(rows)
    columns = {
        "visit": [f"V{1000 + 7 * at}" for at in places],
        "before": [f"V{1000 + 7 * max(0, at - 3)}" for at in places],
        "technician": [f"{_NAMES[at * 5 % 7]} {chr(65 + at % 26)}." for at in places],
        "postcode": [f"{1000 + 37 * (at % 16)}" for at in places],
        "city": [_CITIES[at % 8] for at in places],
        "country": [_COUNTRIES[at % 8] for at in places],
        "on": [f"2025-{1 + at % 12:02}-{1 + at * 11 % 28:02}" for at in places],
        "paid": [f"2026-{1 + at % 11:02}-{1 + at * 17 % 28:02}" for at in places],
        "work": [_WORK[at * 3 % 5] for at in places],
        "price": [f"{80 + at * 53 % 97 + at % 4 / 4:.2f}" for at in places],
        "weight": [f"{2 + at * 31 % 41 / 10:.1f} kg" for at in places],
        "urgent": ["yes" if at % 3 else "no" for at in places],
    }
    ids = tuple(str(at + 1) for at in places)
    return TextTable(tuple(columns), ids, tuple(map(tuple, columns.values())))


SCHEMA = TableSchema(
    kinds={
        "visit": ValueKind.IDENTIFIER,
        "before": ValueKind.IDENTIFIER,
        "technician": ValueKind.TEXT,
        "postcode": ValueKind.IDENTIFIER,
        "city": ValueKind.CATEGORY,
        "country": ValueKind.CATEGORY,
        "on": ValueKind.DATE,
        "paid": ValueKind.DATE,
        "work": ValueKind.CATEGORY,
        "price": ValueKind.NUMBER,
        "weight": ValueKind.NUMBER,
        "urgent": ValueKind.BOOLEAN,
    },
    key=("visit",),
    dependencies=(Dependency(("postcode",), "city"), Dependency(("city",), "country")),
    references=(("before", "visit"),),
)
