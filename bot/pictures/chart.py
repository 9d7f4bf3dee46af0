"""The blend map: the space of poems laid flat, a few famous poems named in it, and the path from one text to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.pictures.scene import Box, Dot, Ink, Mark, Run, Scene, Stroke
from bot.pictures.typeface import Typeface

Point: TypeAlias = tuple[float, float]

WIDTH, CHART, MARGIN = 1080, 700, 64
LABEL = 26
ROW = 52
"""Height of one line of the list under the map."""
COLUMNS_FROM = 7
"""Steps from which on the list stands in two columns."""
POEM_ROWS = 4


@dataclass(frozen=True, slots=True)
class Landmark:
    name: str
    at: Point


@dataclass(frozen=True, slots=True)
class Step:
    """A poem on the path. t: its place, 0 to 1."""

    at: Point
    lines: tuple[str, ...]
    t: float


@dataclass(frozen=True, slots=True)
class Journey:
    """A path among poems: where real poems lie, those that have a name, and the steps in order."""

    cloud: tuple[Point, ...]
    landmarks: tuple[Landmark, ...]
    steps: tuple[Step, ...]


def lay_out(journey: Journey, face: Typeface) -> Scene:
    """The map, and below it every step's number with the line that its poem begins with."""
    two = len(journey.steps) >= COLUMNS_FROM
    rows = -(-len(journey.steps) // 2) if two else len(journey.steps)
    height = CHART + rows * ROW + 2 * MARGIN
    marks = _map(journey, len(journey.steps) - 1, face)
    for i, step in enumerate(journey.steps):
        column, row = divmod(i, rows)
        x = MARGIN + 26 + column * (WIDTH - 2 * MARGIN) / 2
        y = CHART + MARGIN + ROW * (row + 0.5)
        marks += _numbered(i, x, y, face)
        text = face.shown(step.lines[0])
        size = int(min(36, (WIDTH / (2 if two else 1) - 2 * MARGIN - 60) / max(1, len(text))))
        marks.append(Run(text, x + 44, y, size, face.advance(text, size)))
    return Scene(WIDTH, height, tuple(marks))


def frames(journey: Journey, face: Typeface) -> list[Scene]:
    """The walk, a scene a step: the path so far, and under it the poem it has come to."""
    count = max(len(step.lines) for step in journey.steps)
    rows = -(-count // 2) if count > POEM_ROWS else count
    height = CHART + rows * ROW + 2 * MARGIN
    return [Scene(WIDTH, height, tuple(_frame(journey, i, rows, face))) for i in range(len(journey.steps))]


def alt(journey: Journey) -> str:
    """The path in words."""
    steps = (f"{i}. {step.lines[0]}" for i, step in enumerate(journey.steps, 1))
    near = _nearest(journey)
    return "\n".join([*steps, *([f"≈ {near}"] if near else [])])


def _nearest(journey: Journey) -> str:
    """The named poems that the path's ends lie next to."""
    if not journey.landmarks or not journey.steps:
        return ""

    def nearest(at: Point) -> str:
        return min(journey.landmarks, key=lambda mark: (mark.at[0] - at[0]) ** 2 + (mark.at[1] - at[1]) ** 2).name

    return f"{nearest(journey.steps[0].at)} → {nearest(journey.steps[-1].at)}"


def _frame(journey: Journey, now: int, rows: int, face: Typeface) -> list[Mark]:
    marks = _map(journey, now, face)
    lines = [face.shown(line) for line in journey.steps[now].lines]
    columns = -(-len(lines) // rows)
    size = int(min(40, (WIDTH - 2 * MARGIN) / columns / (max(map(len, lines)) + 1)))
    for i, line in enumerate(lines):
        row, column = divmod(i, columns)
        x = MARGIN + (WIDTH - 2 * MARGIN) * (column + 0.5) / columns
        marks.append(Run(line, x, CHART + MARGIN + ROW * (row + 0.5), size, face.advance(line, size), centred=True))
    return marks


def _map(journey: Journey, now: int, face: Typeface) -> list[Mark]:
    """Cloud, names and the path, walked up to the step `now`."""
    left, top, right, bottom = _frame_of(journey)

    def place(point: Point) -> Point:
        x = MARGIN + (WIDTH - 2 * MARGIN) * (point[0] - left) / (right - left)
        return x, CHART - (CHART - MARGIN) * (point[1] - top) / (bottom - top)

    shown = (p for p in journey.cloud if left <= p[0] <= right and top <= p[1] <= bottom)
    marks: list[Mark] = [Dot(*place(point), 2.5, Ink.CLOUD) for point in shown]
    taken: list[Box] = []
    for step in journey.steps:
        x, y = place(step.at)
        taken.append((x - 20, y - 20, x + 20, y + 20))
    for landmark in journey.landmarks:
        x, y = place(landmark.at)
        dot = (x - 6, y - 6, x + 6, y + 6)
        run = None if any(_over(dot, other) for other in taken) else _label(landmark.name, x, y, taken, face)
        if run is not None:
            taken += [run.box, dot]
            marks += [Dot(x, y, 5, Ink.FAINT), run]
    points = tuple(place(step.at) for step in journey.steps)
    if len(points) > 1:
        marks.append(Stroke(points, Ink.LINE, 3))
    if now:
        marks.append(Stroke(points[: now + 1], Ink.SEAL, 4))
    drawn: list[Point] = []
    for i in [now, *(i for i in range(len(points)) if i != now)]:
        x, y = points[i]
        apart = all((x - a) ** 2 + (y - b) ** 2 > 36**2 for a, b in drawn)
        if i == now or apart:  # numbers that would lie over each other stand in the list alone
            marks += _numbered(i, x, y, face) if i <= now else [Dot(x, y, 7, Ink.LINE)]
            drawn.append((x, y))
        else:
            marks.append(Dot(x, y, 6, Ink.SEAL if i <= now else Ink.LINE))
    return marks


def _frame_of(journey: Journey) -> Box:
    """Left, top, right, bottom of what is shown: all that has a name or a number, and the cloud but for its rim."""
    named = [*(step.at for step in journey.steps), *(mark.at for mark in journey.landmarks)]
    edges = []
    for axis in (0, 1):
        along = sorted(point[axis] for point in journey.cloud)
        rim = len(along) // 50
        inner = along[rim : len(along) - rim] + [point[axis] for point in named]
        low, high = min(inner), max(inner)
        edges.append((low, high) if high > low else (low - 1, high + 1))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


def _label(name: str, x: float, y: float, taken: list[Box], face: Typeface) -> Run | None:
    """The name beside its dot, where it lies over nothing; None where there is no such place."""
    text = face.shown(name)
    width = face.advance(text, LABEL)
    for left, middle in ((x + 12, y), (x - 12 - width, y), (x - width / 2, y - 26), (x - width / 2, y + 26)):
        run = Run(text, left, middle, LABEL, width, Ink.FAINT)
        box = run.box
        inside = box[0] >= MARGIN / 2 and box[2] <= WIDTH - MARGIN / 2 and box[1] >= 8 and box[3] <= CHART + MARGIN / 2
        if inside and not any(_over(box, other) for other in taken):
            return run
    return None


def _over(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _numbered(i: int, x: float, y: float, face: Typeface) -> list[Mark]:
    text, size = str(i + 1), 22
    return [
        Dot(x, y, 17, Ink.SEAL),
        Run(text, x, y, size, face.advance(text, size), Ink.PAPER, centred=True),
    ]
