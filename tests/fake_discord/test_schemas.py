"""Discord's own description of its API is kept: in what bots send, and in what the fake says to them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.fake_discord import schemas
from tests.fake_discord.derive_schemas import derive
from tests.fake_discord.people import DIRECT_MESSAGE, FOREIGN_SERVER, GROUP, SERVER, Person, Role
from tests.fake_discord.selects import Resolved
from tests.fake_discord.wire import INVALID_FORM

DOCUMENT = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json.gz"


@pytest.mark.skipif(not DOCUMENT.exists(), reason="Discord's document is not here")
def test_what_is_shipped_is_derived():
    document = json.loads(gzip.decompress(DOCUMENT.read_bytes()))
    assert derive(document) == json.loads(gzip.decompress(schemas.FILE.read_bytes()))


def test_every_request_with_a_body_is_described():
    described = json.loads(gzip.decompress(schemas.FILE.read_bytes()))["requests"]
    assert set(described) == {
        "callback",
        "create_message",
        "edit_channel_message",
        "edit_message",
        "follow_up",
        "open_dm",
        "put_commands",
    }


MISSHAPEN = {
    "a list": ([], "", "MODEL_TYPE_CONVERT"),
    "a number for a text": ({"content": 7}, "content", "STRING_TYPE_CONVERT"),
    "a text for a list": ({"embeds": "e"}, "embeds", "LIST_TYPE_CONVERT"),
    "a text for a number": ({"flags": "many"}, "flags", "NUMBER_TYPE_COERCE"),
    "an unknown component": ({"components": [{"type": 99}]}, "components.0.type", "BASE_TYPE_CHOICES"),
    "no component": ({"components": [None]}, "components.0", "MODEL_TYPE_CONVERT"),
    "a colour out of bounds": ({"embeds": [{"color": 1 << 24}]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
    "a section without its accessory": (
        {"components": [{"type": 9, "components": [{"type": 10, "content": "月"}]}]},
        "components.0.accessory",
        "BASE_TYPE_REQUIRED",
    ),
}


@pytest.mark.parametrize(("body", "path", "code"), MISSHAPEN.values(), ids=MISSHAPEN.keys())
async def test_a_misshapen_body_is_refused_where_it_is_misshapen(body, path, code, wire):
    verdict, answer = await wire.say(body)
    assert verdict == INVALID_FORM
    node = answer["errors"]
    for key in filter(None, path.split(".")):
        node = node[key]
    assert node["_errors"][0]["code"] == code
    (said,) = wire.discord.invalid
    assert said.startswith("create_message: 400 (code 50035)")


async def test_what_is_no_json_is_refused(wire):
    path = f"{wire.discord.api}/channels/{SERVER.channel_id}/messages"
    headers = {"Authorization": f"Bot {wire.discord.token}", "Content-Type": "application/json"}
    async with wire.session.post(path, data=b"{", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


PERSON, ROLE = Person(roles=(Role(7, "Poets"),)), Role(7, "Poets")
TOLD = {
    "a person": ("UserResponse", PERSON.user()),
    "a member": ("GuildMemberResponse", PERSON.member()),
    "a role": ("GuildRoleResponse", ROLE.to_json()),
    "a server's channel": ("GuildChannelResponse", SERVER.channel(PERSON)),
    "a foreign server's channel": ("GuildChannelResponse", FOREIGN_SERVER.channel(PERSON)),
    "a direct message": ("PrivateChannelResponse", DIRECT_MESSAGE.channel(PERSON)),
    "a group": ("PrivateGroupChannelResponse", GROUP.channel(PERSON)),
}


@pytest.mark.parametrize(("schema", "thing"), TOLD.values(), ids=TOLD.keys())
def test_what_interactions_tell_has_the_shape_that_discord_describes(schema, thing):
    assert schemas.breaches("schemas", schema, thing) == []


async def test_messages_in_interactions_have_the_shape_that_discord_describes(wire):
    said = wire.discord.visitor("alice").say("海上生明月", {"moon.png": b"png"})
    resolved = Resolved(SERVER)
    resolved.add(said)
    (told,) = resolved.to_json()["messages"].values()
    assert schemas.breaches("schemas", "MessageResponse", told) == []
