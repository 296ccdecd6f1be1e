"""A picture as SVG: small, deterministic, and accessible to screen readers.

Promises: well-formed XML for any words, a title and a description for screen readers, no script and
no external resource.
"""

from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from backend.diagrams.drawing import Box, Disc, Line, Picture, Shape, Words

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


def svg(picture: Picture) -> str:
    """Return the whole document, ending in a line break."""
    size = f'width="{picture.width}" height="{picture.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {picture.width} '
        f'{picture.height}" role="img" aria-labelledby="title description" '
        f"font-family={quoteattr(_FONT)}>",
        f'<title id="title">{_text(picture.title)}</title>',
        f'<desc id="description">{_text(picture.description)}</desc>',
        f'<rect {size} fill="#ffffff"/>',
        *(_element(shape) for shape in picture.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _element(shape: Shape) -> str:
    match shape:
        case Line():
            dash = f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else ""
            return (
                f'<line x1="{_n(shape.x1)}" y1="{_n(shape.y1)}" x2="{_n(shape.x2)}" '
                f'y2="{_n(shape.y2)}" stroke="{shape.colour}" stroke-width="{_n(shape.width)}"{dash}/>'
            )
        case Box():
            opened = (
                f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
                f'height="{_n(shape.height)}" fill="{shape.fill}"'
            )
            return _with_hint(opened, "rect", shape.hint)
        case Disc():
            opened = (
                f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}" '
                f'fill="{shape.fill}" stroke="{shape.outline}" stroke-width="{_n(shape.width)}"'
            )
            return _with_hint(opened, "circle", shape.hint)
        case Words():
            return _words(shape)
        case _:
            assert_never(shape)


def _words(words: Words) -> str:
    place = f'x="{_n(words.x)}" y="{_n(words.y)}"'
    bold = ' font-weight="600"' if words.bold else ""
    turned = f' transform="rotate(-90 {_n(words.x)} {_n(words.y)})"' if words.upwards else ""
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    return (
        f'<text {place} font-size="{_n(words.size)}" fill="{words.colour}"{anchor}{bold}{turned}>'
        f"{_text(words.text)}</text>"
    )


def _with_hint(opened: str, name: str, hint: str) -> str:
    return f"{opened}><title>{_text(hint)}</title></{name}>" if hint else f"{opened}/>"


def _text(text: str) -> str:
    """Return the text escaped, without the control characters that XML forbids."""
    return escape("".join(char if char.isprintable() else " " for char in text))


def _n(value: float) -> str:
    """Return two decimals at most: finer than any screen, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
