import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.service.blend_lines import blend_lines
from bot.service.desk import Author, Desk
from bot.service.write_poem import write_poem
from vae.errors import WishError
from vae.poem import BlendRequest, Form, WriteRequest

AUTHOR = Author(id=2**62 + 1, locale="zh-TW", guild_id=11, channel_id=12)


async def test_a_poem_is_written_and_kept_with_its_author_and_recipe(desk: Desk):
    written = await write_poem(desk, AUTHOR, WriteRequest(seed="床前明月光", form=Form.WUJUE))
    assert written.poem.lines[0] == "床前明月光"
    stored = await desk.store.poem(written.number)
    assert stored is not None
    assert (stored.poem, stored.poem_id) == (written.poem, written.poem.id)
    assert (stored.author_id, stored.guild_id, stored.channel_id) == (AUTHOR.id, 11, 12)


async def test_a_kept_recipe_makes_the_poem_again(desk: Desk):
    written = await write_poem(desk, AUTHOR, WriteRequest(seed="明月", form=Form.COUPLET))
    recipe = written.poem.recipe
    assert isinstance(recipe.request, WriteRequest)
    again = await desk.worker.write(recipe.request)
    assert (again.lines, again.id) == (written.poem.lines, written.poem.id)


async def test_each_step_of_a_walk_is_kept_with_its_place(desk: Desk):
    walk = await blend_lines(desk, AUTHOR, BlendRequest(a="大漠孤煙直", b="小橋流水人家", steps=3, form=Form.COUPLET))
    assert (walk.a, walk.b) == ("大漠孤煙直", "小橋流水人家")
    assert [step.poem.recipe.t for step in walk.steps] == [0, 0.5, 1]
    for step in walk.steps:
        stored = await desk.store.poem(step.number)
        assert stored is not None
        assert stored.poem == step.poem


async def test_a_wish_that_cannot_be_met_keeps_nothing(desk: Desk):
    for hopeless in ("", "hello", "月" * 5000):
        with pytest.raises(WishError):
            await write_poem(desk, AUTHOR, WriteRequest(seed=hopeless))
        with pytest.raises(WishError):
            await blend_lines(desk, AUTHOR, BlendRequest(a="明月", b=hopeless))
    assert await desk.store.poem(1) is None


async def test_half_a_surrogate_pair_does_not_spoil_a_seed(desk: Desk):
    written = await write_poem(desk, AUTHOR, WriteRequest(seed="\ud83d明月", form=Form.COUPLET))
    assert await desk.store.poem(written.number) is not None
    walk = await blend_lines(desk, AUTHOR, BlendRequest(a="\ud83d明月", b="流水\udc00", steps=2, form=Form.COUPLET))
    assert await desk.store.poem(walk.steps[0].number) is not None


async def test_a_poem_that_cannot_be_kept_is_not_handed_out(desk: Desk, tmp_path: Path):
    await desk.store.close()
    (tmp_path / "lanting.db").write_text("no database any more")
    with pytest.raises(StoreError):
        await write_poem(desk, AUTHOR, WriteRequest(form=Form.COUPLET))


def test_the_program_starts_without_the_slow_imports():
    slow = {"torch", "discord", "prompt_toolkit", "rich", "opencc"}
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, bot.app; print(*({slow} & set(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""
