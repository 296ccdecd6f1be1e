"""The shapes of a picture, independent of SVG and PNG.

Promises: values only, in units of one pixel of the plain picture, the origin at the top left; the
same shapes give the same picture in both forms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Anchor: TypeAlias = Literal["start", "middle", "end"]
"""The end of the words that is at their x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line. `dash`: lengths of ink and gap; None is solid."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle. `hint` is its tooltip."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A filled circle with an outline."""

    x: float
    y: float
    radius: float
    fill: str
    outline: str
    width: float = 1.5
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text, `y` its baseline. `upwards`: turned, to be read from below."""

    x: float
    y: float
    text: str
    size: float = 13
    colour: str = "#2b2b2b"
    anchor: Anchor = "start"
    bold: bool = False
    upwards: bool = False


Shape: TypeAlias = Line | Box | Disc | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Shapes on white, the later above the earlier. `title` and `description` are its text form."""

    width: int
    height: int
    title: str
    description: str
    shapes: Sequence[Shape]
