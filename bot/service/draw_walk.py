"""A person wants to see the path of a blend on the map of poems."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.errors import NoSuchPoem, PictureError
from bot.pictures.chart import Journey, Landmark, Step
from bot.pictures.studio import Picture
from bot.pictures.studio import draw_walk as drawn
from bot.service.desk import Desk
from vae.atlas import Atlas
from vae.errors import AtlasError
from vae.poem import Poem, Recipe, Script
from vae.script import in_script, script_of

MOST = 64
"""Numbers that are looked up for one walk."""


def journey_of(poems: Sequence[Poem]) -> Journey:
    """The steps of one blend where they lie among real poems. Raises AtlasError where there is no map of their poet."""
    atlas = Atlas.shipped()
    plane = atlas.planes.get(poems[0].form)
    if plane is None or any(poem.recipe.model != atlas.model for poem in poems):
        raise AtlasError(reason="there is no map of these weights; `python -m vae survey` makes one")
    script = script_of("".join(poems[0].lines)) or Script.HANT
    landmarks = (Landmark(in_script(name, script), at) for name, at in plane.landmarks)
    steps = (Step(plane.locate(poem.code or b""), poem.lines, poem.recipe.t or 0.0) for poem in poems)
    return Journey(tuple((float(x), float(y)) for x, y in plane.cloud), tuple(landmarks), tuple(steps))


async def draw_walk(desk: Desk, first: int, last: int) -> Picture:
    """The walk whose poems have these numbers, as an animation. Raises NoSuchPoem, AtlasError, PictureError, StoreError."""
    if desk.studio is None:
        raise PictureError(reason="pictures are switched off")
    found = [await desk.store.poem(number) for number in range(first, min(last, first + MOST) + 1)]
    begun = found[0]
    if begun is None:
        raise NoSuchPoem(number=first)
    # Others may have written meanwhile: a walk's poems share their request and their random seed.
    steps = [
        dataclasses.replace(step.poem, code=await desk.store.code(step.number))
        for step in found
        if step is not None and _walk_of(step.poem) == _walk_of(begun.poem)
    ]
    return await desk.studio.draw(drawn, journey_of(steps))


def _walk_of(poem: Poem) -> Recipe:
    return dataclasses.replace(poem.recipe, t=None)
