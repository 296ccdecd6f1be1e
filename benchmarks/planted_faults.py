"""Two tables with planted faults, messy as real ones are: what is there to be found, and what only looks so.

Both are made from a seed. `subscribers` has names, addresses, contracts and dates; `parts` is another
business with other columns and European notation, whose detectors' thresholds were not chosen on it. Traps
are in both: rare values that are right, names that occur twice, empty cells, amounts of a long tail, days
that depend on nothing. Each has 200 faults of 12 kinds.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from use_cases.benchmark.model import TextTable

FAULTS = 200
_Row = dict[str, str]
_Change = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault: its row, its cells, all of which are wrong, and what they were.

    Without cells the whole row is one.
    """

    kind: str
    row: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planted:
    """A table with its faults, and the same one without them."""

    name: str
    dirty: TextTable
    clean: TextTable
    faults: Sequence[Fault]


def planted(name: str, seed: int, rows: int = 1_200) -> Planted:
    """Makes one of the tables `subscribers` and `parts`."""
    draw = random.Random(f"{name} {seed}")
    make, plans = _TABLES[name]
    table = make(rows, draw)
    clean = [dict(row) for row in table]
    free = draw.sample(range(rows), rows)
    faults = list[Fault]()
    for number in range(FAULTS):
        kind = list(plans)[number % len(plans)]
        columns, change = plans[kind]
        column = columns[number // len(plans) % len(columns)]
        at = next(each for each in free if change != _other_key or each > 1)
        free.remove(at)
        row = table[at]
        if kind == "repeated row":
            table.append({**row, column: _fresh(row[column], draw)})
            faults.append(Fault(kind, str(len(table))))
        elif kind == "shifted cells":
            names = list(row)
            first = names.index(column)
            width = draw.randint(3, 5)
            moved = names[first : first + width]
            values = ["", *(row[name] for name in moved[:-1])]
            changed = tuple(n for n, v in zip(moved, values, strict=True) if row[n] != v)
            row.update(zip(moved, values, strict=True))
            faults.append(Fault(kind, str(at + 1), changed))
        else:
            old = row[column]
            pool = table[draw.randrange(rows)][column]
            row[column] = change(pool if change == _other_key else old, draw)
            if row[column] == old and change != _other_key:
                raise ValueError(f"{kind} leaves {old!r} of {column} as it is.")
            faults.append(Fault(kind, str(at + 1), (column,)))
    return Planted(name, _texts(table), _texts(clean), faults)


def _texts(rows: Sequence[_Row]) -> TextTable:
    ids = tuple(str(number) for number in range(1, len(rows) + 1))
    return TextTable(
        tuple(rows[0]), ids, tuple(zip(*(each.values() for each in rows), strict=True))
    )


def _other_key(value: str, draw: random.Random) -> str:
    del draw
    return value


def _fresh(key: str, draw: random.Random) -> str:
    """Returns a new key of the same form, larger than those of the table."""
    head = key.rstrip("0123456789")
    return f"{head}{draw.randrange(10 ** (len(key) - len(head) - 1) * 9, 10 ** (len(key) - len(head)))}"


def _one_of(*changes: _Change) -> _Change:
    return lambda value, draw: draw.choice(changes)(value, draw)


def _wrong_digit_count(value: str, draw: random.Random) -> str:
    places = [at for at, sign in enumerate(value) if sign.isdigit()]
    at = draw.choice(places)
    return value[:at] + value[at + 1 :] if draw.random() < 0.7 else value[:at] + "0" + value[at:]


def _misspelt(value: str, draw: random.Random) -> str:
    """Exchanges two letters, or drops, doubles or replaces one."""
    for _ in range(100):
        at = draw.randrange(1, len(value) - 1)
        a, b = value[at], value[at + 1]
        changed = draw.choice(
            [
                value[:at] + b + a + value[at + 2 :],
                value[:at] + value[at + 1 :],
                value[:at] + a + value[at:],
                value[:at] + draw.choice("aeinrst") + value[at + 1 :],
            ]
        )
        if changed != value and a.isalpha() and b.isalpha():
            return changed
    raise ValueError(f"{value!r} cannot be misspelt.")


def _marker(value: str, draw: random.Random) -> str:
    del value
    return draw.choice(["n/a", "?", "-", "unknown", "TBD", "xxx", "#N/A", "NULL"])


def _times(*factors: float) -> _Change:
    def change(value: str, draw: random.Random) -> str:
        comma = "," in value
        number = float(value.replace(".", "").replace(",", ".") if comma else value)
        text = f"{number * draw.choice(factors):.{2 if '.' in value or comma else 0}f}"
        return text.replace(".", ",") if comma else text

    return change


def _as_day(*forms: str, iso: str = "%Y-%m-%d") -> _Change:
    def change(value: str, draw: random.Random) -> str:
        day = date.fromisoformat(value) if iso == "%Y-%m-%d" else _german(value)
        return day.strftime(draw.choice(forms))

    return change


def _german(value: str) -> date:
    return date(int(value[6:]), int(value[3:5]), int(value[:2]))


_PLACES = {
    "8001": ("Zürich", "ZH"), "3011": ("Bern", "BE"), "4051": ("Basel", "BS"), "1204": ("Genève", "GE"),
    "6003": ("Luzern", "LU"), "9000": ("St. Gallen", "SG"), "8400": ("Winterthur", "ZH"),
    "1003": ("Lausanne", "VD"), "7000": ("Chur", "GR"), "6460": ("Altdorf UR", "UR"), "2502": ("Biel/Bienne", "BE"),
    "5000": ("Aarau", "AG"), "8200": ("Schaffhausen", "SH"), "6900": ("Lugano", "TI"), "6300": ("Zug", "ZG"),
}  # fmt: skip
_GIVEN = [
    "Anna",
    "Marco",
    "Nils",
    "Lea",
    "Jean-Pierre",
    "Zoë",
    "Ivan",
    "Marie",
    "Noah",
    "Mia",
    "Luca",
    "Elena",
    "Björn",
    "Aisha",
    "Tom",
    "Sofia",
    "Urs",
    "Petra",
    "Reto",
    "Ines",
]
_FAMILY = [
    "Meier",
    "O'Neil",
    "van der Berg",
    "Müller",
    "Schmid",
    "Keller",
    "Rossi",
    "Dubois",
    "Fischer",
    "Weber",
    "Huber",
    "Moser",
    "de Luca",
    "Baumann",
    "Frei",
    "Graf",
    "Steiner",
    "Kunz",
    "Roth",
    "Suter",
    "Bianchi",
    "Favre",
    "Li",
    "Nguyen",
    "Wyss",
    "Zbinden",
    "McDonald",
]
_PLANS = {"basic": "9.90", "family": "24.50", "premium": "49.00", "student": "4.95"}
_STATES = ["active"] * 70 + ["paused"] * 15 + ["cancelled"] * 13 + ["trial"] * 2
_NOTES = [
    "called twice about the invoice", "prefers letters", "moved from Thun; new door code 4711",
    "asked for a discount (10%)", "paid late in 2023", "VIP", "speaks French only", "has two contracts",
]  # fmt: skip


def _subscribers(rows: int, draw: random.Random) -> list[_Row]:
    found = list[_Row]()
    for number in range(rows):
        given, family = draw.choice(_GIVEN), draw.choice(_FAMILY)
        postcode = draw.choice(list(_PLACES))
        plan = draw.choice(list(_PLANS))
        joined = date(2019, 1, 1) + timedelta(days=draw.randrange(1_900))
        plain = "".join(filter(str.isascii, f"{given}.{family}".lower().replace(" ", "")))
        domain = draw.choice(["gmx.ch", "gmail.com", "bluewin.ch", "proton.me", "uni-bern.example"])
        found.append(
            {
                "customer": f"C-{10_000 + 7 * number}",
                "name": f"{given} {family}",
                "email": f"{plain.replace(chr(39), '')}{draw.randrange(10, 999)}@{domain}",
                "phone": ""
                if draw.random() < 0.12
                else f"+41 {draw.choice([44, 31, 61, 79, 78])} {draw.randrange(100, 999)} "
                f"{draw.randrange(10, 99)} {draw.randrange(10, 99)}",
                "postcode": postcode,
                "city": _PLACES[postcode][0],
                "canton": _PLACES[postcode][1],
                "plan": plan,
                "price": _PLANS[plan],
                "status": draw.choice(_STATES),
                "joined": joined.isoformat(),
                "last_seen": (joined + timedelta(days=draw.randrange(1, 600))).isoformat(),
                "spent": f"{draw.lognormvariate(4.6, 0.9):.2f}",
                "visits": str(1 + int(draw.expovariate(1 / 12))),
                "note": draw.choice(_NOTES) if draw.random() < 0.3 else "",
            }
        )
    return found


def _phone(value: str, draw: random.Random) -> str:
    digits = "".join(filter(str.isdigit, value)) or "41441234567"
    return draw.choice(
        [f"0{digits[2:]}", f"00{digits}", f"+{digits[:8]}", f"0{digits[2:4]}/{digits[4:]}"]
    )


def _email(value: str, draw: random.Random) -> str:
    name, _, domain = value.partition("@")
    return draw.choice(
        [f"{name}{domain}", f"{name}@@{domain}", f"{name}@{domain.partition('.')[0]}",
         f"{name} at {domain}", f"{name},x@{domain}", f"{name}@{domain.replace('.', ',')}"]
    )  # fmt: skip


def _amount(value: str, draw: random.Random) -> str:
    number = float(value)
    european = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    return draw.choice(
        [european, f"CHF {value}", f"{value} Fr.", f"{number:.2f}-".replace(".", ",")]
    )


def _another(*values: str) -> _Change:
    return lambda value, draw: draw.choice([each for each in values if each != value])


_SUBSCRIBER_FAULTS: Mapping[str, tuple[Sequence[str], _Change]] = {
    "date form": (("joined", "last_seen"), _as_day("%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%d %b %Y")),
    "amount notation": (("spent", "price"), _amount),
    "phone form": (("phone",), _phone),
    "email form": (("email",), _email),
    "code length": (("postcode", "customer"), _wrong_digit_count),
    "misspelling": (("status", "city", "plan"), _one_of(_misspelt)),
    "far outside": (("spent", "visits"), _one_of(_times(1000, 10_000), _times(-1))),
    "repeated key": (("customer",), _other_key),
    "repeated row": (("customer",), _other_key),
    "broken dependency": (("city", "price", "canton"), _one_of(lambda v, d: _swap(v, d))),
    "shifted cells": (("email", "postcode", "status"), _other_key),
    "marker": (("status", "joined", "visits", "city"), _marker),
}


def _swap(value: str, draw: random.Random) -> str:
    cities, cantons = zip(*_PLACES.values(), strict=True)
    for pool in (cities, cantons, tuple(_PLANS.values())):
        if value in pool:
            return _another(*pool)(value, draw)
    raise ValueError(value)


_SUPPLIERS = {
    "S01": "Hoffmann & Söhne", "S02": "Acme GmbH", "S03": "Nordmetall AG", "S04": "Tyrol Guss", "S07": "R+K Federn",
    "S09": "Elektro Lang", "S11": "Wälzlager Süd",
}  # fmt: skip
_MATERIALS = ["Edelstahl", "Messing", "Aluminium", "Kunststoff", "Gusseisen"]
_PARTS = [
    "Flansch",
    "Lager",
    "Feder",
    "Bolzen",
    "Dichtung",
    "Ventil",
    "Gehäuse",
    "Welle",
    "Scheibe",
    "Hülse",
]


def _parts(rows: int, draw: random.Random) -> list[_Row]:
    found = list[_Row]()
    for number in range(rows):
        supplier = draw.choice(list(_SUPPLIERS))
        material = draw.choice(_MATERIALS)
        checked = date(2021, 3, 1) + timedelta(days=draw.randrange(1_300))
        weight = draw.lognormvariate(0, 0.8)
        price = draw.lognormvariate(5, 1.1)
        checker = draw.choice(["p.auer", "k.lindner", "s.oz", "m.vogt", "h.brandl"])
        found.append(
            {
                "charge": f"{20_210_000 + number * 3}",
                "article": f"{draw.choice('ABFK')}{draw.choice('XYZ')}-{draw.randrange(100, 999)}-{draw.choice('QRS')}",
                "description": f"{draw.choice(_PARTS)} {material} M{draw.choice([4, 6, 8, 10, 12])}"
                + draw.choice(["", "", " verzinkt", " (alt)"]),
                "material": material,
                "supplier_no": supplier,
                "supplier": _SUPPLIERS[supplier],
                "bin": f"{draw.choice('ABCD')}{draw.randrange(10, 60)}/{draw.randrange(1, 9)}",
                "weight_kg": f"{weight:.3f}".replace(".", ","),
                "price": f"{price:.2f}".replace(".", ","),
                "stock": str(int(draw.expovariate(1 / 80))),
                "checked": checked.strftime("%d.%m.%Y"),
                "next_check": (checked + timedelta(days=draw.choice([365, 730]))).strftime(
                    "%d.%m.%Y"
                ),
                "checker": f"{checker}@werk{draw.choice([1, 2])}.example",
                "hotline": f"0{draw.choice([89, 30, 711])}-{draw.randrange(100_000, 999_999)}",
                "release": draw.choice(["ja"] * 9 + ["nein"]),
            }
        )
    return found


def _suppliers(value: str, draw: random.Random) -> str:
    return _another(*_SUPPLIERS.values())(value, draw)


def _decimal_point(value: str, draw: random.Random) -> str:
    number = float(value.replace(",", "."))
    return draw.choice([f"{number:.2f}", f"{value} €", f"EUR {value}", f"{number:.2f} kg"])


_PART_FAULTS: Mapping[str, tuple[Sequence[str], _Change]] = {
    "date form": (
        ("checked", "next_check"),
        _as_day("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%y", "%b %d, %Y", iso=""),
    ),
    "amount notation": (("price", "weight_kg"), _decimal_point),
    "phone form": (
        ("hotline",),
        lambda v, d: d.choice([v.replace("-", " "), f"+49 {v[1:]}", v[:-3], v.replace("-", "")]),
    ),
    "email form": (("checker",), _email),
    "code length": (("charge", "article", "bin"), _wrong_digit_count),
    "misspelling": (("supplier", "material"), _misspelt),
    "far outside": (("weight_kg", "price", "stock"), _one_of(_times(2_000, 50_000))),
    "repeated key": (("charge",), _other_key),
    "repeated row": (("charge",), _other_key),
    "broken dependency": (("supplier",), _suppliers),
    "shifted cells": (("article", "supplier_no", "weight_kg"), _other_key),
    "marker": (("release", "checked", "bin", "supplier"), _marker),
}

_TABLES = {
    "subscribers": (_subscribers, _SUBSCRIBER_FAULTS),
    "parts": (_parts, _PART_FAULTS),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """A source of reports: what share of the flights it has, how often it is right, and its habits."""

    name: str
    covers: float
    right: Mapping[str, float]
    silent: float
    dated: bool
    copies: str | None


_TIMES: Sequence[str] = ("planned_departure", "departure", "planned_arrival", "arrival")


def reports(seed: int, *, flights: int = 100, sources: int = 30) -> Planted:
    """Makes a table in which many sources report the times of the same flights, and contradict each other.

    About 3 in 10 cells are wrong: a source knows only the plan, is late by minutes, writes the day too, says
    nothing, or copies another one. The truth is one text for each flight and time.
    """
    draw = random.Random(f"reports {seed}")
    known = [_source(number, draw) for number in range(sources)]
    dirty, clean = list[_Row](), list[_Row]()
    for number in range(flights):
        flight = f"{draw.choice(['AA', 'UA', 'CO', 'DL'])}-{1000 + 37 * number}-{draw.choice(['JFK-MIA', 'ORD-PHX', 'SFO-EWR'])}"
        start, length = draw.randrange(300, 1_200), draw.randrange(60, 330)
        late = draw.choice([0, 0, 3, 7, 12, 31, 55]) - draw.randrange(4)
        minutes = dict(
            zip(_TIMES, (start, start + late, start + length, start + length + late), strict=True)
        )
        truth = {name: _clock(at) for name, at in minutes.items()}
        said = dict[str, _Row]()
        for source in known:
            if draw.random() > source.covers:
                continue
            copied = said.get(source.copies or "")
            told = copied or {name: _told(name, minutes, source, draw) for name in _TIMES}
            said[source.name] = told
            dirty.append({"source": source.name, "flight": flight, **told})
            clean.append({"source": source.name, "flight": flight, **truth})
    return Planted("reports", _texts(dirty), _texts(clean), ())


def _source(number: int, draw: random.Random) -> _Source:
    right = {name: draw.choice([0.97, 0.9, 0.7, 0.4, 0.25]) for name in _TIMES}
    copies = f"site{number - 1}" if number % 3 == 2 else None
    silent = draw.choice([0, 0, 0.1, 0.5, 0.8])
    return _Source(f"site{number}", draw.uniform(0.3, 0.9), right, silent, number % 11 == 3, copies)


def _told(name: str, minutes: Mapping[str, int], source: _Source, draw: random.Random) -> str:
    if draw.random() < source.silent and not name.startswith("planned"):
        return ""
    at = minutes[name]
    if draw.random() > source.right[name]:
        planned = minutes.get(f"planned_{name}", at)
        at = planned if draw.random() < 0.7 else at + draw.randrange(-9, 25)
    return f"12/02/2011 {_clock(at)}" if source.dated else _clock(at)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % 1_440, 60)
    return f"{(hour - 1) % 12 + 1}:{minute:02} {'a.m.' if hour < 12 else 'p.m.'}"
