"""What a bot may answer to a button, a select and a modal, and what becomes of the message they stand on."""

from __future__ import annotations

import pytest

from tests.fake_discord import limits
from tests.fake_discord.exchange import DEFERRED_REPLY, DEFERRED_UPDATE, MODAL, REPLY, UPDATE
from tests.fake_discord.people import DIRECT_MESSAGE, FOREIGN_SERVER, MEMBER, USE_EXTERNAL_APPS
from tests.fake_discord.wire import GONE, INVALID_FORM, OK

BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again"}]}
FORM = {
    "title": "Blend",
    "custom_id": "blend",
    "components": [{"type": 18, "label": "A line", "component": {"type": 4, "style": 1, "custom_id": "line"}}],
}


@pytest.fixture
def alice(wire):
    return wire.discord.visitor("alice")


@pytest.fixture
async def poem(wire):
    """A message of the bot, with a button."""
    exchange = await wire.asked()
    assert await wire.callback(exchange, REPLY, {"content": "poem", "components": [BUTTON]}) == OK
    return exchange.message


@pytest.fixture
async def pressed(poem, alice):
    return await alice.press(poem, "Again")


async def test_an_update_changes_the_message(wire, poem, pressed):
    assert await wire.callback(pressed, UPDATE, {"content": "another", "components": []}) == OK
    assert (poem.content, poem.components) == ("another", [])
    assert pressed.answered
    assert pressed.message is poem


async def test_a_deferred_update_promises_nothing_and_shows_nothing(wire, poem, pressed):
    assert await wire.callback(pressed, DEFERRED_UPDATE) == OK
    assert (pressed.messages, poem.loading) == ([], False)
    assert await wire.edit(pressed, {"content": "another"}) == OK
    assert pressed.texts == ["another"]
    assert poem.content == "another"


async def test_a_follow_up_to_a_deferred_update_is_a_message_of_its_own(wire, poem, pressed):
    await wire.callback(pressed, DEFERRED_UPDATE)
    assert await wire.follow_up(pressed, {"content": "a reading", "flags": limits.EPHEMERAL}) == OK
    assert (poem.content, pressed.texts) == ("poem", ["a reading"])
    assert pressed.message.ephemeral


async def test_an_original_of_a_reply_is_the_reply(wire, poem, pressed):
    assert await wire.callback(pressed, DEFERRED_REPLY, {"flags": limits.EPHEMERAL}) == OK
    assert await wire.edit(pressed, {"content": "a reading"}) == OK
    assert (poem.content, pressed.texts) == ("poem", ["a reading"])
    assert (await wire.call("DELETE", wire.message_path(pressed)))[0] == GONE
    assert (pressed.messages, poem.deleted) == ([], False)
    assert await wire.edit(pressed, {"content": "too late"}) == (404, 10008)


async def test_a_command_has_no_message_to_update(wire):
    assert await wire.callback(await wire.asked(), UPDATE, {"content": "a"}) == INVALID_FORM


async def test_a_modal_does_not_follow_a_deferral(wire, pressed):
    await wire.callback(pressed, DEFERRED_UPDATE)
    assert await wire.callback(pressed, MODAL, FORM) == (400, 40060)
    assert pressed.modal is None


async def test_a_modal_of_a_button_can_change_its_message(wire, alice, poem, pressed):
    assert await wire.callback(pressed, MODAL, FORM) == OK
    sent = await alice.submit(pressed, {"A line": "明月"})
    assert sent.data["components"][0]["component"] == {"type": 4, "id": 2, "custom_id": "line", "value": "明月"}
    assert await wire.callback(sent, MODAL, FORM) == INVALID_FORM
    assert await wire.callback(sent, UPDATE, {"content": "blended"}) == OK
    assert poem.content == "blended"


async def test_a_modal_of_a_command_has_no_message(wire, alice):
    exchange = await wire.discord.interact(2, {"id": "1", "name": "form", "type": 1}, person=alice.person)
    await wire.callback(exchange, MODAL, FORM)
    sent = await alice.submit(exchange, {"line": "明月"})
    assert await wire.callback(sent, UPDATE, {"content": "a"}) == INVALID_FORM
    assert await wire.callback(sent, DEFERRED_UPDATE) == OK
    assert await wire.edit(sent, {"content": "a"}) == (404, 10008)
    assert await wire.follow_up(sent, {"content": "a"}) == OK


async def test_a_disabled_button_cannot_be_pressed(wire, alice):
    disabled = {**BUTTON["components"][0], "disabled": True}
    await wire.say({"content": "poem", "components": [{"type": 1, "components": [disabled]}]})
    (message,) = wire.discord.channels.said(alice.place)
    with pytest.raises(AssertionError, match="disabled"):
        await alice.press(message, "Again")


async def test_an_ephemeral_message_is_for_one_alone(wire, alice):
    bob = wire.discord.visitor("bob")
    exchange = await wire.discord.interact(2, {"id": "1", "name": "poem", "type": 1}, person=alice.person)
    await wire.callback(exchange, REPLY, {"content": "secret", "components": [BUTTON], "flags": limits.EPHEMERAL})
    assert await alice.press(exchange.message, "Again")
    with pytest.raises(AssertionError, match="bob sees no such message"):
        await bob.press(exchange.message, "Again")
    path = f"/channels/{alice.place.channel_id}/messages/{exchange.message.id}"
    assert (await wire.call("GET", path))[0] == (404, 10008)


async def test_abroad_the_bot_speaks_to_all_only_where_the_person_may_let_it(wire):
    hushed = wire.discord.visitor("alice", FOREIGN_SERVER, permissions=MEMBER & ~USE_EXTERNAL_APPS)
    for visitor, ephemeral in ((hushed, True), (wire.discord.visitor("bob", FOREIGN_SERVER), False)):
        data = {"id": "1", "name": "poem", "type": 1}
        asked = await wire.discord.interact(2, data, person=visitor.person, place=visitor.place)
        await wire.callback(asked, DEFERRED_REPLY)
        await wire.follow_up(asked, {"content": "a"})
        await wire.follow_up(asked, {"content": "b"})
        assert [message.ephemeral for message in asked.messages] == [ephemeral] * 2


async def test_an_interaction_that_nobody_answers_has_failed(wire):
    exchange, answered = await wire.asked(), await wire.deferred()
    wire.discord.clock.advance(3.1)
    assert exchange.failed
    assert not answered.failed


async def test_what_stays_ephemeral_was_so_from_the_first(wire):
    seen = await wire.deferred()
    await wire.follow_up(seen, {"content": "a", "flags": limits.EPHEMERAL})
    assert not seen.message.ephemeral


async def test_a_callback_is_answered_with_a_body_only_when_asked(wire):
    exchange = await wire.asked()
    path = f"/interactions/{exchange.id}/{exchange.token}/callback"
    assert (await wire.call("POST", path, {"type": REPLY, "data": {"content": "a"}}))[0] == GONE


async def test_messages_know_the_interaction_they_came_from(wire, alice, poem, pressed):
    await wire.callback(pressed, REPLY, {"content": "a reading"})
    _, told = await wire.call("GET", wire.message_path(pressed))
    assert told["interaction_metadata"]["user"]["username"] == "alice"
    assert told["interaction_metadata"]["interacted_message_id"] == str(poem.id)
    assert told["message_reference"]["message_id"] == str(poem.id)


async def test_nobody_presses_from_elsewhere(poem, alice):
    with pytest.raises(AssertionError, match="another channel"):
        await alice.at(DIRECT_MESSAGE).press(poem, "Again")
