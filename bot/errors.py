"""What can go wrong around the poet, said so that a person can act on it: the same shape as `vae.errors`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar


class BotError(Exception):
    """A wish that got no answer, or a program that cannot go on.

    `key` names the message for translators; `details` fill its placeholders; `str(error)` is the English sentence;
    `exit_code` is what the process ends with where the error ends it.
    """

    key: ClassVar[str] = "bot"
    template: ClassVar[str] = "{reason}"
    exit_code: ClassVar[int] = 1

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.template.format(**details))

    def __reduce__(self) -> tuple[Callable[[], BotError], tuple[()]]:
        return partial(type(self), **self.details), ()  # so that another process can raise it here


class SettingsError(BotError):
    """`reason` never holds the token."""

    key = "settings"
    template = "{reason}"
    exit_code = 2


class PortTaken(BotError):
    key = "port_taken"
    template = "Nothing can be served on port {port} ({reason}). Set PORT to a free one, or leave it empty."
    exit_code = 2


class DiscordRefused(BotError):
    key = "discord_refused"
    template = (
        "Discord refused the token in DISCORD_TOKEN. Copy a fresh one from the Bot page of your application at "
        "https://discord.com/developers/applications, or leave the variable empty to use the console."
    )
    exit_code = 3


class DiscordUnreachable(BotError):
    key = "discord_unreachable"
    template = "Discord cannot be reached ({reason}). Check the network and start again."


class IdentifiesSpent(BotError):
    key = "identifies_spent"
    template = (
        "Discord lets this bot identify no more for the next {seconds} seconds, since it did so too often. See in the log "
        "why its sessions end; started again, it waits for its time by itself."
    )


class StoreError(BotError):
    """The database cannot be used as it is; what was already in it stays as it was."""

    key = "store"
    template = "The database {path} cannot be used: {reason}."
    exit_code = 4


class StoreUnwritable(StoreError):
    key = "store_unwritable"
    template = "The database {path} cannot be written: {reason}. Give DATABASE_URL a path you may write to."


class StoreNotADatabase(StoreError):
    key = "store_not_a_database"
    template = "The file {path} is not a sound SQLite database. Move it away, or give DATABASE_URL another path."


class StoreFull(StoreError):
    key = "store_full"
    template = "The disk that holds {path} is full. Free some space and try again."


class StoreBusy(StoreError):
    key = "store_busy"
    template = "The database {path} is held by another program. Try again when that is done."


class StoreNewer(StoreError):
    key = "store_newer"
    template = (
        "The database {path} was written by a newer Lanting (its version is {version}). Update this program, or give "
        "DATABASE_URL another path."
    )


class StoreForeign(StoreError):
    key = "store_foreign"
    template = (
        "The database {path} belongs to another program. Nothing in it was touched; give DATABASE_URL another path."
    )


class StoreInUse(StoreError):
    key = "store_in_use"
    template = "The database {path} is in use. Stop the program that has it open, then restore."


class StoreUnreachable(StoreError):
    key = "store_unreachable"
    template = "The database {path} cannot be reached: {reason}."


class StoreDriverMissing(StoreError):
    key = "store_driver_missing"
    template = "DATABASE_URL names PostgreSQL, whose driver is not installed. Add it: pip install 'lanting[postgres]'"


class ImportUnreadable(StoreError):
    key = "import_unreadable"
    template = "The file {path} cannot be imported: {reason}. Nothing was."


class ImportNotEmpty(StoreError):
    key = "import_not_empty"
    template = "The database has rows already (in its table {table}). Import into an empty one; nothing was changed."


class NoSuchPoem(BotError):
    """A person named a poem that is not, or no longer, in the store."""

    key = "no_such_poem"
    template = "There is no poem No. {number}."


class OutputError(BotError):
    key = "output"
    template = "Standard output cannot be written: {reason}."


class FileUnwritable(BotError):
    key = "file_unwritable"
    template = "The file {path} cannot be written ({reason})."


class PictureError(BotError):
    key = "picture"
    template = "The picture could not be drawn ({reason})."


class TextTooLarge(PictureError):
    key = "text_too_large"
    template = "That text has {given} characters; a card has room for {limit}."


class FontMissing(PictureError):
    key = "font_missing"
    template = "Pictures cannot be drawn: the fonts are missing in {path}. Install the program again."


class WorkerError(BotError):
    """The wish was sound, but no poem came of it."""

    key = "worker"


class WorkerBusy(WorkerError):
    key = "worker_busy"
    template = "The poet already has {waiting} wishes waiting. Try again in about {seconds} seconds."


class TooManyWishes(WorkerError):
    key = "too_many_wishes"
    template = "The poet already has {limit} wishes of yours. Wait for one of them, or take one back."


class WishWithdrawn(WorkerError):
    key = "wish_withdrawn"
    template = "This wish was taken back."


class WorkerClosed(WorkerError):
    key = "worker_closed"
    template = "The poet is going to rest and takes no more wishes. Try again when the program is back."


class WishTimedOut(WorkerError):
    key = "wish_timed_out"
    template = "The poet did not finish within {seconds} seconds. Try again, or ask for less at once."


class WishFailed(WorkerError):
    key = "wish_failed"
    template = "The poet stumbled over this wish ({reason}). Try again, or word it differently."


class PoetFell(WorkerError):
    """The thread or its device broke; `reason` is for the log. The worker wakes the poet again by itself."""

    key = "poet_fell"
    template = "The poet broke down and is being woken again. Try again in a minute."


class PoetGone(WorkerError):
    key = "poet_gone"
    template = "The poet has stopped working ({reason}). The program has to be started again."


class Refusal(BotError):
    """A person may not have this, or not now; the sentence says why."""

    key = "refusal"


class CoolDown(Refusal):
    key = "cool_down"
    template = "That is enough for a moment: again in {seconds} s."


class ServerCoolDown(Refusal):
    key = "server_cool_down"
    template = "This server has had many poems just now: again in {seconds} s."


class WritingOff(Refusal):
    key = "writing_off"
    template = "Writing is switched off in this server. Those who manage it can switch it on with /settings."


class NotAWriter(Refusal):
    key = "not_a_writer"
    template = (
        "In this server only those with a certain role may ask for poems. Write to me in a direct message instead."
    )


class NotYours(Refusal):
    key = "not_yours"
    template = "Only who asked for this poem, or who manages the server, can delete it."


class NotYourWish(Refusal):
    key = "not_your_wish"
    template = "Only who made this wish can take it back."


class WishIsOver(Refusal):
    key = "wish_is_over"
    template = "This wish no longer waits."


class NoFavourites(Refusal):
    key = "no_favourites"
    template = "You have no favourites yet. Press the heart under a poem to keep it."


class NothingToAnswer(Refusal):
    key = "nothing_to_answer"
    template = "This message has no text. Choose one that has."


class NoServer(Refusal):
    key = "no_server"
    template = "Settings belong to a server; there are none in a direct message."


class NotAManager(Refusal):
    key = "not_a_manager"
    template = "Only those who may manage the server can change its settings."


class UnknownTimeZone(Refusal):
    key = "time_zone_unknown"
    template = "There is no time zone called {given}. Choose one from the list, such as Asia/Shanghai."


class StrangeButton(Refusal):
    key = "strange_button"
    template = "This button is from another version of the program. Ask for the poem anew."
