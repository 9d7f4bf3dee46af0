from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.commands.options import BoldnessChoice, FormChoice, Line, ScriptChoice, own_seeds, rhyme_groups
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.waiting import watching
from bot.service.write_poem import write_poem
from vae.poem import WriteRequest

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="poem", description="Write a classical Chinese poem, from a line of yours if you give one.")
@app_commands.describe(
    seed="A line, which then stands in the poem, or a few words, in Chinese or in English",
    form="The poem's form",
    rhyme="The rhyme group of the 平水韻: 東, 陽 … or any character that should rhyme",
    acrostic="Characters for the heads of the lines, one each",
    boldness="How much it dares",
    script="Simplified or Traditional characters",
)
@app_commands.autocomplete(seed=own_seeds, rhyme=rhyme_groups)
async def poem(
    interaction: Interaction,
    seed: Line | None = None,
    form: FormChoice | None = None,
    rhyme: app_commands.Range[str, 1, 20] | None = None,
    acrostic: app_commands.Range[str, 1, 20] | None = None,
    boldness: BoldnessChoice | None = None,
    script: ScriptChoice | None = None,
) -> None:
    reply = await Reply.begin(interaction)
    wish = WriteRequest(seed=seed, form=form, rhyme=rhyme, acrostic=acrostic, script=script)
    if boldness is not None:
        wish = dataclasses.replace(wish, boldness=boldness)
    async with watching(reply) as watch:
        written = await write_poem(interaction.client.desk, author_of(interaction), wish, watch)
    await reply.poem(written)
