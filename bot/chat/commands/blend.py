from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.commands.options import FormChoice, Line, Steps, own_poems
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.waiting import watching
from bot.service.blend_lines import blend_lines
from vae.poem import BlendRequest

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="blend", description="Walk from one line or poem to another, a poem at each step.")
@app_commands.describe(
    a="Where the walk begins: a line, some words, or a poem's number such as #12",
    b="Where it ends: a line, some words, or a poem's number",
    steps="How many poems, 2 to 25; five if you do not say",
    form="The poems' form",
)
@app_commands.autocomplete(a=own_poems, b=own_poems)
async def blend(interaction: Interaction, a: Line, b: Line, steps: Steps = 5, form: FormChoice | None = None) -> None:
    reply = await Reply.begin(interaction)
    wish = BlendRequest(a=a, b=b, steps=steps, form=form)
    async with watching(reply) as watch:
        walk = await blend_lines(interaction.client.desk, author_of(interaction), wish, watch)
    await reply.walk(walk)
