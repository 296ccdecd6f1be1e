"""A picture as PNG, drawn at twice its size for sharp screens.

Promises: the same shapes as the SVG; no file is read, letters come from the font inside Pillow.
"""

from dataclasses import dataclass
from io import BytesIO
from math import hypot
from typing import TYPE_CHECKING, assert_never

from backend.diagrams.drawing import Box, Disc, Line, Picture, Shape, Words

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

DENSITY = 2
"""Pixels of the file for each unit of the picture."""

_FINER = 2
"""The factor of the drawing's size before it is averaged: edges become smooth."""

_SCALE = DENSITY * _FINER


def png(picture: Picture) -> bytes:
    """Return the file's bytes."""
    from PIL import Image, ImageDraw  # 50 ms that no other command needs
    from PIL.PngImagePlugin import PngInfo

    image = Image.new("RGB", (picture.width * _SCALE, picture.height * _SCALE), "#ffffff")
    canvas = _Canvas(image, ImageDraw.Draw(image))
    for shape in picture.shapes:
        canvas.add(shape)
    metadata = PngInfo()
    metadata.add_itxt("Title", picture.title)
    metadata.add_itxt("Description", picture.description)
    output = BytesIO()
    image.reduce(_FINER).save(output, "PNG", optimize=True, pnginfo=metadata)
    return output.getvalue()


@dataclass(frozen=True, slots=True)
class _Canvas:
    image: "Image"
    draw: "ImageDraw"

    def add(self, shape: Shape) -> None:
        match shape:
            case Line():
                self._line(shape)
            case Box():
                ends = (shape.x + shape.width, shape.y + shape.height)
                if shape.width > 0 and shape.height > 0:
                    self.draw.rectangle(_scale(shape.x, shape.y, *ends), fill=shape.fill)
            case Disc():
                r = shape.radius + shape.width / 2
                box = _scale(shape.x - r, shape.y - r, shape.x + r, shape.y + r)
                width = round(shape.width * _SCALE)
                self.draw.ellipse(box, fill=shape.fill, outline=shape.outline, width=width)
            case Words():
                self._words(shape)
            case _:
                assert_never(shape)

    def _line(self, line: Line) -> None:
        width = max(1, round(line.width * _SCALE))
        for start, end in _pieces(line):
            ends = _scale(*_along(line, start), *_along(line, end))
            self.draw.line(ends, fill=line.colour, width=width)

    def _words(self, words: Words) -> None:
        font = _font(words.size)
        bold = round(words.size * _SCALE / 40) if words.bold else 0
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[words.anchor] * font.getlength(
            words.text
        )
        x, y = words.x * _SCALE, words.y * _SCALE
        if not words.upwards:
            self.draw.text((x - before, y), words.text, words.colour, font, "ls", stroke_width=bold)
            return
        turned = _rotate(words.text, font)
        ascent = font.getmetrics()[0]
        place = (round(x - ascent), round(y + before - turned.height))
        self.image.paste(words.colour, place, turned)


def _rotate(text: str, font: "FreeTypeFont") -> "Image":
    """Return a mask of the words, to be read from below."""
    from PIL import Image, ImageDraw

    size = (round(font.getlength(text)), sum(font.getmetrics()))
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).text((0, font.getmetrics()[0]), text, 255, font, "ls")
    return mask.transpose(Image.Transpose.ROTATE_90)


def _font(size: float) -> "FreeTypeFont":
    from PIL import ImageFont

    font = ImageFont.load_default(size * _SCALE)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font


def _pieces(line: Line) -> list[tuple[float, float]]:
    """Return the inked ranges along the line (0 to its length)."""
    length = hypot(line.x2 - line.x1, line.y2 - line.y1)
    if line.dash is None:
        return [(0.0, length)]
    ink, gap = line.dash
    steps = int(length / (ink + gap)) + 1
    starts = [step * (ink + gap) for step in range(steps)]
    return [(start, min(start + ink, length)) for start in starts if start < length]


def _along(line: Line, distance: float) -> tuple[float, float]:
    length = hypot(line.x2 - line.x1, line.y2 - line.y1) or 1.0
    share = distance / length
    return line.x1 + (line.x2 - line.x1) * share, line.y1 + (line.y2 - line.y1) * share


def _scale(*places: float) -> list[float]:
    return [place * _SCALE for place in places]
