from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.app import open_worker
from bot.cli.pictures import save
from bot.cli.process import carry_out
from bot.pictures.studio import draw_map, draw_walk
from bot.pictures.styles import Style
from bot.service.draw_walk import journey_of
from bot.settings import Settings
from vae.poem import BlendRequest, Form


def job(
    a: Annotated[str, typer.Argument(help="A line, some words or a poem.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    steps: Annotated[int, typer.Option("--steps", help="Poems on the path, 2 to 25.")] = 5,
    form: Annotated[str | None, typer.Option("--form", help="couplet, wujue, qijue, wulv, qilv; 五绝 too.")] = None,
    random_seed: Annotated[int | None, typer.Option("--random-seed", help="The same number, the same path.")] = None,
    walk: Annotated[bool, typer.Option("--walk", help="An animation, a step at a time.")] = False,
    style: Annotated[Style, typer.Option("--style", help="The paper.")] = Style.PAPER,
    out: Annotated[Path | None, typer.Option("--out", help="The file; map.png or walk.gif by default.")] = None,
) -> None:
    """Blend two texts and draw the path on the map of poems."""

    async def draw(settings: Settings) -> int:
        request = BlendRequest(
            a=a, b=b, steps=steps, form=None if form is None else Form.parse(form), random_seed=random_seed
        )
        async with open_worker(settings) as worker:
            journey = journey_of(await worker.blend(request))
        picture = draw_walk(journey, style) if walk else draw_map(journey, style)
        return save(picture, out or Path(picture.name))

    carry_out(draw)
