"""Messages in channels: who may say what where, how edits and files add up."""

from __future__ import annotations

import dataclasses

import pytest

from tests.fake_discord.filenames import cleansed
from tests.fake_discord.limits import IS_COMPONENTS_V2
from tests.fake_discord.people import (
    ATTACH_FILES,
    DIRECT_MESSAGE,
    FOREIGN_SERVER,
    MANAGER,
    MEMBER,
    SEND_MESSAGES,
    SERVER,
    VIEW_CHANNEL,
)
from tests.fake_discord.wire import GONE, INVALID_FORM, OK

TEXT = {"type": 10, "content": "明月"}
V2 = {"flags": IS_COMPONENTS_V2, "components": [TEXT]}
NO_ACCESS, NO_PERMISSION, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = (403, 50001), (403, 50013), (404, 10003), (404, 10008)


def path(message, place=SERVER):
    return f"/channels/{place.channel_id}/messages/{message['id']}"


@pytest.mark.parametrize(
    ("permissions", "verdict"),
    [(MEMBER, OK), (MEMBER & ~SEND_MESSAGES, NO_PERMISSION), (MEMBER & ~VIEW_CHANNEL, NO_ACCESS)],
)
async def test_the_bot_speaks_where_it_may(permissions, verdict, wire):
    wire.discord.channels.permit(SERVER, permissions)
    assert (await wire.say({"content": "晨"}))[0] == verdict


async def test_files_ask_for_a_permission_of_their_own(wire):
    wire.discord.channels.permit(SERVER, MEMBER & ~ATTACH_FILES)
    assert (await wire.say({"content": "晨"}))[0] == OK
    assert (await wire.say({"content": "晨"}, files={"a.txt": b""}))[0] == NO_PERMISSION


async def test_channels_it_has_no_business_in(wire):
    assert (await wire.say({"content": "晨"}, DIRECT_MESSAGE))[0] == OK
    assert (await wire.say({"content": "晨"}, FOREIGN_SERVER))[0] == NO_ACCESS
    nowhere = dataclasses.replace(SERVER, channel_id=1)
    assert (await wire.say({"content": "晨"}, nowhere))[0] == UNKNOWN_CHANNEL
    wire.discord.channels.add(nowhere)
    assert (await wire.say({"content": "晨"}, nowhere))[0] == OK


async def test_what_others_said_is_theirs(wire):
    said = wire.discord.visitor("alice").say("海上生明月").to_json()
    assert (await wire.call("GET", path(said)))[0] == OK
    assert (await wire.call("PATCH", path(said), {"content": "mine"}))[0] == (403, 50005)
    assert (await wire.call("DELETE", path(said)))[0] == NO_PERMISSION
    wire.discord.channels.permit(SERVER, MANAGER)
    assert (await wire.call("DELETE", path(said)))[0] == GONE
    assert (await wire.call("GET", path(said)))[0] == UNKNOWN_MESSAGE


async def test_v2_stays_v2(wire):
    _, message = await wire.say(V2)
    assert (await wire.call("PATCH", path(message), {"content": "a"}))[0] == INVALID_FORM
    _, edited = await wire.call("PATCH", path(message), {"flags": 0, "components": [TEXT | {"content": "清風"}]})
    assert edited["flags"] & IS_COMPONENTS_V2
    assert edited["components"][0]["content"] == "清風"


async def test_a_message_becomes_v2_once_its_content_is_taken_away(wire):
    _, message = await wire.say({"content": "a"})
    assert (await wire.call("PATCH", path(message), V2))[0] == INVALID_FORM
    verdict, edited = await wire.call("PATCH", path(message), V2 | {"content": None})
    assert (verdict, edited["content"]) == (OK, "")


async def test_what_an_edit_leaves_out_stays(wire):
    _, message = await wire.say({"content": "a", "embeds": [{"title": "t"}]})
    _, edited = await wire.call("PATCH", path(message), {"content": "b"})
    assert (edited["content"], edited["embeds"][0]["title"]) == ("b", "t")
    assert edited["edited_timestamp"]


async def test_a_refused_edit_changes_nothing(wire):
    _, message = await wire.say({"content": "a"})
    assert (await wire.call("PATCH", path(message), {"content": ""}))[0] == (400, 50006)
    assert (await wire.call("PATCH", path(message), {"content": "b" * 2001}))[0] == INVALID_FORM
    _, still = await wire.call("GET", path(message))
    assert still == message


async def test_a_list_of_attachments_drops_those_it_does_not_name(wire):
    _, message = await wire.say({}, files={"a.txt": b"a", "b.txt": b"b"})
    kept = [{"id": message["attachments"][0]["id"]}, {"id": 0}]
    _, edited = await wire.call("PATCH", path(message), {"attachments": kept}, files={"c.txt": b"c"})
    assert [file["filename"] for file in edited["attachments"]] == ["a.txt", "c.txt"]
    assert (await wire.call("PATCH", path(message), {"attachments": [{"id": "7"}]}))[0] == INVALID_FORM
    _, bare = await wire.call("PATCH", path(message), {"content": "no files", "attachments": []})
    assert bare["attachments"] == []


async def test_an_attachments_address_gives_the_file_until_its_message_is_gone(wire):
    _, message = await wire.say({}, files={"poem.txt": "明月".encode()})
    url = message["attachments"][0]["url"]
    async with wire.session.get(url) as response:
        assert (await response.read()).decode() == "明月"
    await wire.call("DELETE", path(message))
    async with wire.session.get(url) as response:
        assert response.status == 404


async def test_a_picture_is_shown_by_its_cleansed_name(wire):
    shown = {"type": 12, "items": [{"media": {"url": "attachment://my card.png"}}]}
    verdict, message = await wire.say(V2 | {"components": [shown]}, files={"my card.png": b"png"})
    assert verdict == OK
    (file,), (gallery,) = message["attachments"], message["components"]
    assert file["filename"] == "my_card.png"
    assert gallery["items"][0]["media"]["url"] == file["url"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("poem.txt", "poem.txt"),
        ("my card.png", "my_card.png"),
        ("_a.png", "a.png"),
        ("月.png", "png"),
        ("月", "unknown"),
    ],
)
def test_names_of_files_are_cleansed(given, kept):
    assert cleansed(given) == kept


async def test_in_a_channel_nothing_is_ephemeral(wire):
    _, message = await wire.say({"content": "a", "flags": 64})
    assert message["flags"] == 0
