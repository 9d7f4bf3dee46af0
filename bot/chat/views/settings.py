"""What a server has set."""

from __future__ import annotations

from bot.chat.locale import Say, _
from bot.chat.page import Page, frame, text
from bot.chat.text import Markup
from bot.store import Guild
from vae.poem import Script

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
SCRIPTS = {Script.HANS: "简体", Script.HANT: "繁體"}
AS_TYPED = _("as each person types")


def settings_page(say: Say, guild: Guild) -> Page:
    daily = (
        say(
            "<#{channel}> at {hour}:00, {zone}",
            channel=guild.daily_channel_id,
            hour=guild.daily_hour,
            zone=guild.time_zone,
        )
        if guild.daily_channel_id
        else say("none")
    )
    rows = [
        f"**{say('Lanting in this server')}**",
        say("Writing: {state}", state=say("on") if guild.enabled else say("off")),
        say("Who may write: {who}", who=_role(say, guild)),
        say("Language of what I post by myself: {language}", language=LANGUAGES.get(guild.locale or "en", "English")),
        say("Script of poems: {script}", script=SCRIPTS[guild.script] if guild.script else say(AS_TYPED)),
        say("Daily poem: {daily}", daily=daily),
        f"-# {say('Change any of it by the options of /settings.')}",
        f"-# {say('Discord, too, can keep commands to channels and roles: Server Settings, Integrations.')}",
    ]
    return Page(frame(text("\n".join(rows))))


def _role(say: Say, guild: Guild) -> str:
    return say("everybody") if guild.writer_role_id is None else Markup(f"<@&{guild.writer_role_id}>")
