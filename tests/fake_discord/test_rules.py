"""The fake keeps Discord's rules: seen from the wire, as a bot sees them."""

from __future__ import annotations

import pytest

from tests.fake_discord import limits
from tests.fake_discord.exchange import AUTOCOMPLETE, DEFERRED_REPLY, REPLY
from tests.fake_discord.payloads import APPLICATION_ID, DIRECT_MESSAGE, FOREIGN_SERVER, GROUP, SERVER
from tests.fake_discord.wire import OK

POEM = {"name": "poem", "description": "A poem", "options": [{"name": "seed", "description": "A line", "type": 3}]}


# Who speaks


async def test_a_wrong_token_is_refused_at_every_door(wire):
    for method, path in [("GET", "/users/@me"), ("PUT", f"/applications/{APPLICATION_ID}/commands")]:
        assert (await wire.call(method, path, [], token="wrong"))[0][0] == 401
    async with wire.session.ws_connect(wire.discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0}})
        await socket.receive()
        assert socket.close_code == 4004


async def test_a_fault_of_the_fake_itself_is_told(wire):
    assert (await wire.call("GET", "/channels/moon"))[0][0] == 500
    assert "get_channel: ValueError" in wire.discord.misspoken.pop()


async def test_json_comes_without_a_charset(wire):
    async with wire.session.get(wire.discord.api + "/users/@me") as response:
        assert response.headers["Content-Type"] == "application/json"


# When


async def test_three_seconds_are_left_to_acknowledge(wire):
    quick, late = await wire.asked(), await wire.asked()
    wire.discord.clock.advance(3.0)
    assert await wire.callback(quick, DEFERRED_REPLY) == OK
    wire.discord.clock.advance(0.1)
    assert await wire.callback(late, DEFERRED_REPLY) == (404, 10062)


async def test_an_interaction_is_acknowledged_once(wire):
    exchange = await wire.deferred()
    assert await wire.callback(exchange, REPLY, {"content": "again"}) == (400, 40060)


async def test_a_token_of_no_interaction_is_unknown(wire):
    exchange = await wire.asked()
    exchange.token = "made-up"
    assert await wire.callback(exchange, DEFERRED_REPLY) == (404, 10062)
    assert await wire.edit(exchange, {"content": "a"}) == (404, 10015)


async def test_nothing_may_be_said_before_the_acknowledgement(wire):
    exchange = await wire.asked()
    assert await wire.edit(exchange, {"content": "a"}) == (404, 10015)
    assert await wire.follow_up(exchange, {"content": "a"}) == (404, 10015)


async def test_a_token_lives_for_fifteen_minutes(wire):
    exchange = await wire.deferred()
    wire.discord.clock.advance(15 * 60)
    assert await wire.edit(exchange, {"content": "in time"}) == OK
    wire.discord.clock.advance(1)
    assert await wire.edit(exchange, {"content": "late"}) == (401, 50027)
    assert await wire.follow_up(exchange, {"content": "late"}) == (401, 50027)
    assert exchange.texts == ["in time"]


async def test_a_user_install_has_five_follow_ups(wire):
    guest, member = await wire.deferred(FOREIGN_SERVER), await wire.deferred(SERVER)
    for _ in range(5):
        assert await wire.follow_up(guest, {"content": "a"}) == OK
    assert await wire.follow_up(guest, {"content": "a"}) == (400, 40094)
    assert [await wire.follow_up(member, {"content": "a"}) for _ in range(7)] == [OK] * 7


# What


async def test_the_first_follow_up_takes_the_place_of_a_deferral(wire):
    exchange = await wire.deferred()
    assert not exchange.answered
    await wire.follow_up(exchange, {"content": "first"})
    await wire.follow_up(exchange, {"content": "second"})
    assert exchange.answered
    assert exchange.texts == ["first", "second"]
    assert exchange.original.content == "first"


async def test_a_deferral_carries_nothing_but_whether_it_is_ephemeral(wire):
    exchange = await wire.asked()
    everything = limits.EPHEMERAL | limits.IS_COMPONENTS_V2
    assert await wire.callback(exchange, DEFERRED_REPLY, {"flags": everything, "content": "ignored"}) == OK
    assert exchange.original.ephemeral
    assert not exchange.original.flags & limits.IS_COMPONENTS_V2
    assert exchange.texts == []


async def test_a_reply_that_breaks_a_limit_leaves_the_interaction_open(wire):
    exchange = await wire.asked()
    assert await wire.callback(exchange, REPLY, {"content": "a" * 2001}) == (400, 50035)
    assert await wire.callback(exchange, REPLY, {"content": "a" * 2000}) == OK


async def test_a_breach_is_named_where_it_is(wire):
    exchange = await wire.deferred()
    path = f"/webhooks/{APPLICATION_ID}/{exchange.token}"
    _, answer = await wire.call("POST", path, {"embeds": [{"title": "t" * 257}]})
    (error,) = answer["errors"]["embeds"]["0"]["title"]["_errors"]
    assert error == {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}


async def test_an_empty_message_is_refused_and_changes_nothing(wire):
    exchange = await wire.deferred()
    assert await wire.edit(exchange, {"content": "poem"}) == OK
    assert await wire.edit(exchange, {"content": ""}) == (400, 50006)
    assert exchange.texts == ["poem"]


async def test_a_command_is_not_answered_with_choices(wire):
    assert await wire.callback(await wire.asked(), 8, {"choices": []}) == (400, 50035)


async def test_an_autocompletion_has_at_most_25_choices(wire):
    exchange = await wire.discord.interact(AUTOCOMPLETE, {"name": "poem", "type": 1})
    choices = [{"name": str(i), "value": str(i)} for i in range(26)]
    assert await wire.callback(exchange, 8, {"choices": choices}) == (400, 50035)
    assert await wire.callback(exchange, 8, {"choices": choices[:25]}) == OK
    assert len(exchange.choices) == 25


async def test_files_are_kept(wire):
    exchange = await wire.asked()
    data = {"attachments": [{"id": 0}]}
    status, answer = await wire.answer(exchange, REPLY, data, files={"poem.txt": b"verse"})
    assert status == OK
    assert answer["resource"]["message"]["attachments"][0]["filename"] == "poem.txt"
    assert exchange.original.files == {"poem.txt": b"verse"}


@pytest.mark.parametrize(
    ("content", "allowed", "pings"),
    [
        ("@everyone", None, ["everyone"]),
        ("@here <@7>", {"parse": ["users"]}, ["7"]),
        ("<@7> <@8> <@&9>", {"users": ["8"]}, ["8"]),
        ("<@&9>", {"parse": ["roles"]}, ["9"]),
        ("@everyone <@7> <@&9>", {"parse": []}, []),
        ("@\u200beveryone", None, []),
    ],
)
async def test_it_knows_whom_a_message_pings(content, allowed, pings, wire):
    exchange = await wire.deferred()
    body = {"content": content} | ({"allowed_mentions": allowed} if allowed is not None else {})
    await wire.follow_up(exchange, body)
    assert exchange.original.pings == pings


# Commands


async def test_people_find_commands_where_they_are_offered(wire):
    only_servers = POEM | {"contexts": [0], "integration_types": [0]}
    everywhere = POEM | {"name": "blend", "contexts": [0, 1, 2], "integration_types": [0, 1]}
    assert (await wire.call("PUT", f"/applications/{APPLICATION_ID}/commands", [only_servers, everywhere]))[0] == OK
    assert wire.discord.command("poem", SERVER)["name"] == "poem"
    for place in (DIRECT_MESSAGE, GROUP, FOREIGN_SERVER):
        assert wire.discord.command("blend", place)["name"] == "blend"
        with pytest.raises(AssertionError, match="nobody finds /poem"):
            wire.discord.command("poem", place)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ({"type": 3, "max_length": 3}, "four"),
        ({"type": 3, "min_length": 3}, "ab"),
        ({"type": 4, "max_value": 25}, 26),
        ({"type": 4, "min_value": 2}, 1),
        ({"type": 3, "choices": [{"name": "A", "value": "a"}]}, "b"),
    ],
)
async def test_people_cannot_send_what_an_option_does_not_allow(option, value, wire):
    command = POEM | {"options": [{"name": "seed", "description": "A line"} | option]}
    await wire.call("PUT", f"/applications/{APPLICATION_ID}/commands", [command])
    with pytest.raises(AssertionError):
        await wire.discord.slash("poem", {"seed": value})
    assert await wire.discord.slash("poem", {"seed": value}, unchecked=True)


async def test_localisations_are_listed_only_when_asked_for(wire):
    path = f"/applications/{APPLICATION_ID}/commands"
    await wire.call("PUT", path, [POEM | {"name_localizations": {"zh-CN": "诗"}}])
    (brief,), (full,) = [(await wire.call("GET", path + query))[1] for query in ("", "?with_localizations=true")]
    assert "name_localizations" not in brief
    assert full["name_localizations"] == {"zh-CN": "诗"}


# The gateway


async def test_a_resumed_session_hears_what_it_missed(wire):
    discord = wire.discord
    async with wire.session.ws_connect(discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": discord.token, "intents": 0}})
        ready = (await socket.receive()).json()
        await socket.close(code=4000)
    await discord.gateway.disconnected()
    await wire.asked()
    resume = {"token": discord.token, "session_id": ready["d"]["session_id"], "seq": ready["s"]}
    async with wire.session.ws_connect(ready["d"]["resume_gateway_url"]) as socket:
        await socket.receive()
        await socket.send_json({"op": 6, "d": resume})
        missed, resumed = [(await socket.receive()).json() for _ in range(2)]
    assert (missed["t"], missed["s"]) == ("INTERACTION_CREATE", 2)
    assert resumed["t"] == "RESUMED"


async def test_a_session_closed_with_1000_cannot_be_resumed(wire):
    discord = wire.discord
    async with wire.session.ws_connect(discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": discord.token, "intents": 0}})
        ready = (await socket.receive()).json()
        await socket.close(code=1000)
    await discord.gateway.disconnected()
    resume = {"token": discord.token, "session_id": ready["d"]["session_id"], "seq": ready["s"]}
    async with wire.session.ws_connect(discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 6, "d": resume})
        assert (await socket.receive()).json()["op"] == 9


async def test_guilds_are_told_to_those_who_ask(wire):
    async with wire.session.ws_connect(wire.discord.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": wire.discord.token, "intents": 1}})
        assert [(await socket.receive()).json()["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
