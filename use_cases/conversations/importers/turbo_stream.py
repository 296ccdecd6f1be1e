"""The flat form in which React Router sends a page's data (turbo-stream 2.4).

A pool of values refers to itself by index: `{"_3": 5}` is an object whose key is the text at 3 and whose
value is at 5, a list holds indices, and negative indices are constants. Promises: hostile input ends in
`ValueError`, never in recursion, in a circle (a reference back is cut to None) or in a value that is
far larger than its pool. Promises of the page (tag P) are None: their values come in later chunks.
"""

from collections.abc import Callable, Iterable, Sequence

from use_cases.conversations.json_values import elements, is_list, is_object

_CONSTANTS: dict[int, object] = {
    -1: None,  # a hole in an array
    -2: None,  # NaN
    -3: None,  # -Infinity
    -4: 0,  # -0
    -5: None,  # null
    -6: None,  # Infinity
    -7: None,  # undefined
}
_LARGEST = 5_000_000
"""Values that the decoded root may have; a pool can share one value so often that it would explode."""

_OPEN = object()


def decode_pool(pool: Sequence[object]) -> object:
    """Return the value that a pool stands for, which is its first. Raises `ValueError`."""
    if not pool:
        raise ValueError("the pool of values is empty")
    made: dict[int, object] = {}
    sizes: dict[int, int] = {}
    waiting = [(0, False)]
    while waiting:
        index, is_second = waiting.pop()
        if not is_second:
            if index in made:
                continue
            made[index] = _OPEN
            waiting.append((index, True))
            waiting += [(one, False) for one in _references(_at(pool, index)) if one not in made]
            continue
        value = _at(pool, index)
        made[index] = _built(value, pool, made)
        sizes[index] = 1 + sum(sizes.get(one, 1) for one in _references(value))
        if sizes[index] > _LARGEST:
            raise ValueError("the pool repeats its values too often")
    return made[0]


def _at(pool: Sequence[object], index: int) -> object:
    if index >= len(pool):
        raise ValueError(f"the pool has no value {index}")
    return pool[index]


def _references(value: object) -> list[int]:
    """Return the indices of the values that this one is made of."""
    if is_object(value):
        return _indices(value.values())
    given = elements(value)
    if given and isinstance(given[0], str):
        return _indices(given[1:]) if given[0] in ("S", "M", "Z") else []
    return _indices(given)


def _indices(values: Iterable[object]) -> list[int]:
    """Return those that refer to a value; constants are below zero."""
    return [
        one for one in values if isinstance(one, int) and not isinstance(one, bool) and one >= 0
    ]


def _built(value: object, pool: Sequence[object], made: dict[int, object]) -> object:
    def of(index: object) -> object:
        if not isinstance(index, int):
            return None
        found = _CONSTANTS.get(index) if index < 0 else made[index]
        return None if found is _OPEN else found

    if is_object(value):
        return {_key(name, pool): of(index) for name, index in value.items()}
    if not is_list(value):
        return value
    if value and isinstance(value[0], str):
        return _tagged(value[0], value[1:], of)
    return [of(one) for one in value]


def _tagged(tag: str, rest: Sequence[object], of: Callable[[object], object]) -> object:
    if tag == "S":
        return [of(one) for one in rest]
    if tag == "M":
        return {str(of(key)): of(one) for key, one in zip(rest[::2], rest[1::2], strict=False)}
    if tag == "Z":
        return of(rest[0]) if rest else None
    # A date, URL, bigint, symbol or pattern is its text; an error, a promise or a class is not data.
    return rest[0] if tag in ("D", "U", "B", "Y", "R") and rest else None


def _key(name: str, pool: Sequence[object]) -> str:
    if not (name.startswith("_") and name[1:].isdecimal()):
        raise ValueError("a key of the pool is no reference")
    return str(_at(pool, int(name[1:])))
