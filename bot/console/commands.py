"""What can be typed: Discord's commands in Discord's words, as a line of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from bot.errors import BotError
from vae.errors import UnknownChoice
from vae.poem import BlendRequest, Form, Script, WriteRequest, boldness_named

HELP = """\
/poem [seed] [form:qijue] [script:hans] [random-seed:7]   write a poem, from a line or some words of yours
    also [place:3] [answer:"白日依山盡，…"] [rhyme:東] [scheme:S1] [acrostic:春夏秋冬] [boldness:bold] [table:classical]
/blend a b [steps:5] [form:qijue] [script:hans] [boldness:bold] [random-seed:7]   walk from one text to another
    under each poem a bar tells whose words it uses, from a ●────── b to a ──────● b
/help   this page
/quit   leave; so does the end of the input
A line without a slash is a seed for /poem. Put quotes around a text of /blend that has spaces.
form: couplet, couplet7, wujue (五绝), qijue (七绝), wulv (五律) or qilv (七律). script: hans (简体) or hant (繁體).
rhyme: a group of the rhyme book. scheme: S1 to S4. acrostic: a character for the head of each line. table: classical or
modern. place: the line at which yours stands. answer: a poem whose rhyme words are used in the same order (和韻).
boldness: shy, usual, bold, or a number from 0 to 1. English words are looked up in a small glossary of images."""


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Command = WriteRequest | BlendRequest | Help | Quit
T = TypeVar("T", WriteRequest, BlendRequest)


class CommandError(BotError):
    """A line that is no command as it stands."""

    key = "command"
    template = "{reason}"


def parse(line: str) -> Command:
    """Raises CommandError, or UnknownChoice for a name that is none."""
    line = line.strip()
    if line[:1] not in ("/", "／"):
        line = "/poem " + line
    name, _, rest = line[1:].partition(" ")
    read = COMMANDS.get(name.strip().lower())
    if read is None:
        raise UnknownChoice(what="command", given="/" + name[:40], choices=", ".join("/" + known for known in COMMANDS))
    return read(rest)


def _poem(rest: str) -> WriteRequest:
    texts, options = _split(rest, *OPTIONS.keys() - {"steps"})
    return _request(WriteRequest, {"seed": " ".join(texts) if texts else None, **options})


def _blend(rest: str) -> BlendRequest:
    texts, options = _split(rest, "form", "script", "random-seed", "steps", "boldness")
    if len(texts) != 2:
        example = '/blend "明月 松間" 流水'
        raise CommandError(
            reason=f"/blend takes two texts, not {len(texts)}. Put quotes around one that has spaces: {example}"
        )
    return _request(BlendRequest, {"a": texts[0], "b": texts[1], **options})


def _request(kind: type[T], fields: dict[str, Any]) -> T:
    return kind(**fields)


COMMANDS: Mapping[str, Callable[[str], Command]] = MappingProxyType(
    {"poem": _poem, "blend": _blend, "help": lambda _: Help(), "quit": lambda _: Quit()}
)

_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』", "＂": "＂"}
_QUOTED = "|".join(f"{a}[^{b}]*{b}" for a, b in _QUOTES.items())
_WORD = re.compile(
    "|".join(f"{a}([^{b}]*){b}" for a, b in _QUOTES.items()) + rf"|([A-Za-z][A-Za-z_-]*[:：](?:{_QUOTED})|\S+)"
)
_OPTION = re.compile(r"([A-Za-z][A-Za-z_-]*)[:：](.*)", re.DOTALL)


def _split(rest: str, *allowed: str) -> tuple[list[str], dict[str, Any]]:
    """The texts, quotes taken off, and the options among them by the names of the request's fields."""
    texts: list[str] = []
    options: dict[str, Any] = {}
    for match in _WORD.finditer(rest):
        word = next(group for group in match.groups() if group is not None)
        quoted = match.group(len(_QUOTES) + 1) is None
        if quoted or (option := _OPTION.fullmatch(word)) is None:
            texts.append(word)
            continue
        name = option[1].lower().replace("_", "-")
        if name not in allowed:
            raise UnknownChoice(what="option here", given=option[1][:40] + ":", choices=", ".join(sorted(allowed)))
        value = option[2][1:-1] if re.fullmatch(_QUOTED, option[2]) else option[2]
        options[name.replace("-", "_")] = OPTIONS[name](value)
    return texts, options


def _script(text: str) -> Script:
    named = {"简体": Script.HANS, "簡體": Script.HANS, "繁体": Script.HANT, "繁體": Script.HANT}
    try:
        return named.get(text) or Script(text.lower())
    except ValueError:
        raise UnknownChoice(what="script", given=text[:40] or "(nothing)", choices="hans, hant") from None


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise CommandError(reason=f"A whole number of at most 18 digits is wanted, not {text[:40] or '(nothing)'}.")
    return int(text)


OPTIONS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "form": Form.parse,
        "rhyme": str,
        "scheme": str,
        "acrostic": str,
        "table": str,
        "answer": str,
        "place": _whole_number,
        "boldness": boldness_named,
        "script": _script,
        "random-seed": _whole_number,
        "steps": _whole_number,
    }
)
