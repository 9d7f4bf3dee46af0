"""What is painted: files of the right kind and size, the same every time, near the pictures kept for comparison."""

from __future__ import annotations

import io
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.errors import PictureError, TextTooLarge
from bot.pictures.card import Card
from bot.pictures.chart import Journey, Landmark, Step
from bot.pictures.studio import Picture, Studio, draw_card, draw_map, draw_walk, draw_xray
from bot.pictures.styles import Style

KEPT = Path(__file__).parent / "kept"
POEM = Card(
    lines=("朝辭白帝彩雲間", "千里江陵一日還", "兩岸猿聲啼不住", "輕舟已過萬重山"),
    title="早發白帝城",
    note="七絕 押刪韻",
    marked=frozenset((0, i) for i in range(7)),
)
LINES = ("大漠孤煙直", "長河落日圓", "野徑雲俱黑", "江船火獨明")
JOURNEY = Journey(
    tuple((x / 7 % 3, x / 11 % 2) for x in range(300)),
    (Landmark("春曉", (0.4, 0.3)), Landmark("江雪", (2.0, 1.5))),
    tuple(Step((i * 0.5, i * i * 0.1), LINES, i / 4) for i in range(5)),
)
PICTURES = {
    **{f"card-{style}": (lambda style=style: draw_card(POEM, style)) for style in Style},
    "xray": lambda: draw_xray(("床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉")),
    "map": lambda: draw_map(JOURNEY),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_small_png_like_the_one_kept(name: str) -> None:
    picture: Picture = PICTURES[name]()
    assert len(picture.data) < 300_000
    image = Image.open(io.BytesIO(picture.data))
    assert image.format == "PNG"
    kept = Image.open(KEPT / f"{name}.png").convert("L")
    small = image.convert("L").resize(kept.size, Image.Resampling.BOX)
    # Versions of FreeType place ink a fraction of a pixel apart; a glyph or a line more or less is far above this.
    difference = np.abs(np.asarray(small, np.int16) - np.asarray(kept, np.int16))
    assert difference.mean() < 2
    assert (difference > 60).mean() < 0.002


def test_the_same_card_is_the_same_file() -> None:
    assert draw_card(POEM).data == draw_card(POEM).data


def test_a_walk_is_an_animation_of_a_frame_a_step() -> None:
    picture = draw_walk(JOURNEY)
    image = Image.open(io.BytesIO(picture.data))
    assert image.format == "GIF"
    assert image.n_frames == 5
    assert len(picture.data) < 2_000_000


async def test_the_studio_draws_in_another_process_and_hands_errors_back() -> None:
    studio = Studio()
    assert studio.able
    try:
        assert await studio.draw(draw_card, POEM) == draw_card(POEM)
        with pytest.raises(TextTooLarge):
            await studio.draw(draw_card, Card(lines=("明" * 300,)))
    finally:
        await studio.close()


async def test_a_studio_whose_process_was_killed_draws_on() -> None:
    studio = Studio()
    try:
        await studio.draw(draw_card, POEM)
        (process,) = multiprocessing.active_children()
        process.kill()
        process.join()
        assert (await studio.draw(draw_card, POEM)).data == draw_card(POEM).data
        assert [other.pid for other in multiprocessing.active_children()] != [process.pid]
    finally:
        await studio.close()


async def test_what_nobody_foresaw_is_a_picture_error() -> None:
    studio = Studio()
    try:
        with pytest.raises(PictureError, match="AttributeError"):
            await studio.draw(draw_card, None)  # type: ignore[arg-type]
    finally:
        await studio.close()
