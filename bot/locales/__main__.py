"""`python -m bot.locales`: brings the catalogues up to date with the code, and with each other. Needs Babel."""

from __future__ import annotations

import ast
import asyncio
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import discord
import opencc
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from discord import app_commands

import bot.chat
import bot.errors
import vae.errors
import vae.poet
from bot.chat.commands import COMMANDS
from bot.chat.errors import FOR_THE_HOUSE
from bot.locales import CORRECTIONS, HANS, HANT

SOURCES = {
    Path(bot.chat.__file__).parent: {"_": 1, "say": 1, "plural": 2},
    Path(vae.errors.__file__).parent: {"Phrase": 1},
}
"""Functions of a package whose first argument, or first two, are texts for people."""
WIDTH = 120


def texts() -> Catalog:
    """Every text that the program has for people: from the code, of the errors, and of the commands."""
    catalog = Catalog(project="Lanting", charset="utf-8")
    for package, functions in SOURCES.items():
        for file in sorted(package.rglob("*.py")):
            for text in _said(ast.parse(file.read_text(encoding="utf-8")), functions):
                catalog.add(text)
    for error in (*_kinds(vae.errors.WishError), *_kinds(bot.errors.BotError)):
        if not issubclass(error, FOR_THE_HOUSE) and error.template != "{reason}":
            catalog.add(error.template, context=error.key)
    for text in asyncio.run(_commands()):
        catalog.add(text)
    return catalog


def simplified(known: Catalog | None = None) -> Catalog:
    """`zh-Hans.po` with a place for every text and for no other."""
    catalog = known or _read(HANS)
    wanted = texts()
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def traditional(hans: Catalog) -> Catalog:
    """`hans` by OpenCC, in Taiwan's words, with what it gets wrong for us put right."""
    convert, corrections = opencc.OpenCC("s2twp").convert, _corrections()

    def derived(text: str) -> str:
        text = str(convert(text))
        for wrong, right in corrections:
            text = text.replace(wrong, right)
        return text

    catalog = Catalog("zh_Hant", project="Lanting", charset="utf-8")
    for message in hans:
        if message.id:
            said = message.string or ""
            said = derived(said) if isinstance(said, str) else tuple(map(derived, said))
            catalog.add(message.id, said, context=message.context)
    return catalog


def as_po(catalog: Catalog) -> str:
    file = io.BytesIO()
    write_po(file, catalog, width=WIDTH, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)
    # Dates and tool versions would make every derivation differ from the last.
    head, _, body = file.getvalue().decode().partition("\n\n")
    kept = [line for line in head.splitlines() if line.startswith(("msg", '"Language', '"Plural', '"Content', '"MIME'))]
    return "\n".join([*kept, "", body])


def as_mo(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    catalog.creation_date = catalog.revision_date = datetime.fromtimestamp(0, UTC)
    write_mo(file, catalog)
    return file.getvalue()


def derive() -> dict[Path, bytes]:
    """Every file of the catalogues as it should be."""
    hans = simplified()
    hant = traditional(hans)
    files = {path: as_po(catalog) for path, catalog in ((HANS, hans), (HANT, hant))}
    compiled = {path.with_suffix(".mo"): as_mo(read_po(io.StringIO(text))) for path, text in files.items()}
    return {path: text.encode() for path, text in files.items()} | compiled


def _said(code: ast.AST, functions: Mapping[str, int]) -> Iterator[str | tuple[str, ...]]:
    """The texts in calls of the functions, within f-strings too, where Babel's own search does not look."""
    for node in ast.walk(code):
        if isinstance(node, ast.Call):
            count = functions.get(getattr(node.func, "id", getattr(node.func, "attr", "")), 0)
            texts = [a.value for a in node.args[:count] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts and len(texts) == count:
                yield texts[0] if count == 1 else tuple(texts)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, "zh_Hans", charset="utf-8")


def _corrections() -> list[tuple[str, str]]:
    rows = [row.split("\t") for row in CORRECTIONS.read_text(encoding="utf-8").splitlines() if row]
    return [(wrong, right) for wrong, right in rows]


def _kinds(
    error: type[vae.errors.PoetError | bot.errors.BotError],
) -> Iterator[type[vae.errors.PoetError | bot.errors.BotError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds(kind)


async def _commands() -> Iterable[str]:
    """What Discord is told of the commands."""
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    recorder = _Recorder()
    for command in COMMANDS:
        tree.add_command(command)
        await command.get_translated_payload(tree, recorder)
    return recorder.told


class _Recorder(app_commands.Translator):
    def __init__(self) -> None:
        self.told: dict[str, None] = {}

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> None:
        self.told[string.message] = None


def main() -> None:
    for path, body in derive().items():
        path.write_bytes(body)
    missing = [message.id for message in _read(HANS) if message.id and not message.string]
    if missing:
        raise SystemExit("not yet translated in zh-Hans.po:\n" + "\n".join(map(str, missing)))


if __name__ == "__main__":
    main()
