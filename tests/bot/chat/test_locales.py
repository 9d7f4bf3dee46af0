"""Every language says everything, with the same particulars, and within Discord's limits."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages.pofile import read_po

from bot.chat.locale import Language, Say
from bot.errors import CoolDown
from bot.locales import HANS, HANT
from bot.locales.__main__ import derive, texts
from tests.fake_discord.payloads import DIRECT_MESSAGE
from vae.errors import Clash, NoHanText, Phrase

CATALOGUES = {path.stem: path for path in (HANS, HANT)}
catalogues = pytest.mark.parametrize("path", CATALOGUES.values(), ids=CATALOGUES.keys())


def messages(path):
    with path.open("rb") as file:
        return [message for message in read_po(file, charset="utf-8") if message.id]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def variants(said):
    return [said] if isinstance(said, str) else list(said)


@catalogues
def test_it_says_every_text_of_the_program_and_no_other(path):
    wanted = {(message.context, message.id) for message in texts() if message.id}
    assert {(message.context, message.id) for message in messages(path)} == wanted
    assert [message.id for message in messages(path) if not all(variants(message.string))] == []


@catalogues
def test_it_has_the_same_particulars(path):
    for message in messages(path):
        for said in variants(message.string):
            assert placeholders(said) == placeholders(variants(message.id)[-1]), message.id


def test_the_files_are_what_the_code_and_the_simplified_catalogue_make_them():
    assert {path.name: path.read_bytes() == body for path, body in derive().items()} == dict.fromkeys(
        ("zh-Hans.po", "zh-Hant.po", "zh-Hans.mo", "zh-Hant.mo"), True
    )


def test_simplified_and_traditional_keep_to_their_script():
    hans, hant = (" ".join(part for m in messages(path) for part in variants(m.string)) for path in (HANS, HANT))
    assert not re.search("[詩韻聲頁個這為]", hans.replace("繁體中文", "").replace("繁體", ""))
    assert not re.search("[诗韵声页个这为]", hant.replace("简体中文", ""))


def test_an_error_is_said_in_the_language_of_the_person():
    error = NoHanText(what="seed", text="moon")
    assert Say.to("zh-CN").error(error).startswith("诗引里没有汉字（moon）")
    assert Say.to("zh-TW").error(error).startswith("詩引裡沒有漢字（moon）")
    assert Say.to("fr").error(error) == str(error).replace(".", "\\.") or "The seed holds" in Say.to("fr").error(error)
    assert Say.to("zh-CN").error(CoolDown(seconds=12)) == "先歇一歇：12 秒后再来。"


def test_the_particulars_of_an_error_are_said_in_it_too():
    error = Clash(
        first=Phrase("rhyme group {group}", group="東"),
        second=Phrase("line {number} ({text})", number=2, text="疑是地上霜"),
        reason=Phrase(
            "「{char}」 is in {groups}. Leave the rhyme open, or end the line in {group}.",
            char="霜",
            groups="陽",
            group="東",
        ),
    )
    assert (
        Say(Language.HANS).error(error)
        == "韵部東与第 2 句（疑是地上霜）不能两全：「霜」属陽。请不要指定韵部，或让句末入東韵。"
    )


async def test_discord_is_told_the_commands_in_every_language(bot):
    poem = bot.discord.command("poem", DIRECT_MESSAGE)
    assert poem["name_localizations"]["zh-CN"] == "作诗"
    assert poem["name_localizations"]["zh-TW"] == "作詩"
    assert poem["name_localizations"]["en-US"] == "poem"
    assert poem["options"][1]["choices"][2]["name_localizations"]["zh-TW"] == "五絕"


@pytest.mark.parametrize(
    ("locale", "said"), [("zh-CN", "查一段文字的格律"), ("zh-TW", "查一段文字的格律"), ("de", "does a text keep")]
)
async def test_help_comes_in_the_language_of_the_person(locale, said, bot):
    alice = bot.discord.visitor("alice", locale=locale)
    assert said in (await (await alice.slash("help")).until_answered()).texts[0]
