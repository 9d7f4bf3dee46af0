"""The slash commands: a signature and one call each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, Transform, Transformer

from bot.chat.replies import Reply, form_name
from bot.service.blend_lines import blend_lines
from bot.service.desk import Author
from bot.service.write_poem import write_poem
from vae.poem import TEXT_LIMIT, BlendRequest, Form, WriteRequest

if TYPE_CHECKING:
    from bot.chat.client import Interaction


class FormTransformer(Transformer):
    @property
    def choices(self) -> list[Choice[str]]:  # type: ignore[override]  # discord.py's own type leaves the value open
        return [Choice(name=form_name(form), value=form.value) for form in Form]

    async def transform(self, interaction: discord.Interaction[Any], value: Any) -> Form:  # noqa: ANN401
        return Form.parse(str(value))


# As much as the poet reads.
Line = Range[str, 1, TEXT_LIMIT]
Steps = Range[int, 2, 25]
FormChoice = Transform[Form, FormTransformer]


@app_commands.command(description="Write a classical Chinese poem, from a line of yours if you give one.")
@app_commands.describe(seed="A line, which then opens the poem, or a few words of Chinese", form="The poem's form")
async def poem(interaction: Interaction, seed: Line | None = None, form: FormChoice | None = None) -> None:
    reply = await Reply.begin(interaction)
    request = WriteRequest(seed=seed, form=form)
    await reply.poem(await write_poem(interaction.client.desk, author_of(interaction), request))


@app_commands.command(description="Walk from one line to another, a poem at each step.")
@app_commands.describe(a="Where the walk begins: a line or a few words", b="Where it ends", steps="How many poems")
async def blend(interaction: Interaction, a: Line, b: Line, steps: Steps = 5) -> None:
    reply = await Reply.begin(interaction)
    request = BlendRequest(a=a, b=b, steps=steps)
    await reply.walk(await blend_lines(interaction.client.desk, author_of(interaction), request))


COMMANDS: tuple[app_commands.Command[Any, ..., Any], ...] = (poem, blend)


def author_of(interaction: Interaction) -> Author:
    return Author(
        id=interaction.user.id,
        locale=interaction.locale.value,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        asked_at=interaction.created_at,
    )
