"""What people choose, and what Discord tells of the people, roles, channels and messages that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .components import CHANNEL_SELECT, CHECKBOX_GROUP, MENTIONABLE_SELECT, ROLE_SELECT, USER_SELECT
from .messages import Message
from .people import Person, Place, Role

Json = dict[str, Any]

_KINDS: dict[int, tuple[type, ...]] = {
    USER_SELECT: (Person,),
    ROLE_SELECT: (Role,),
    MENTIONABLE_SELECT: (Person, Role),
    CHANNEL_SELECT: (Place,),
}


class Resolved:
    """`resolved` of an interaction: whole things beside the bare ids."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._found: Json = {}

    def add(self, thing: Person | Role | Place | Message) -> str:
        """Its id, as a value of an option or a select."""
        if isinstance(thing, Person):
            if self._place.guild_id is not None:
                member = {key: value for key, value in thing.member().items() if key not in ("user", "deaf", "mute")}
                self._put("members", thing.id, member | {"permissions": str(thing.permissions)})
            return self._put("users", thing.id, thing.user())
        if isinstance(thing, Role):
            return self._put("roles", thing.id, thing.to_json())
        if isinstance(thing, Place):
            channel = thing.channel(Person()) | {"permissions": str(Person().permissions)}
            return self._put("channels", thing.channel_id, channel)
        return self._put("messages", thing.id, thing.to_json())

    def _put(self, kind: str, own: int, told: Json) -> str:
        self._found.setdefault(kind, {})[str(own)] = told
        return str(own)

    def to_json(self) -> Json:
        return self._found


def pick(select: Json, chosen: Sequence[Any], resolved: Resolved) -> list[str]:
    """The values of what was chosen: options by label or value, or people, roles and channels themselves.

    Raises AssertionError for what a person could not choose.
    """
    least, most = select.get("min_values", 1), select.get("max_values", 25 if select["type"] == CHECKBOX_GROUP else 1)
    assert least <= len(chosen) <= most, f"{least} to {most} can be chosen, not {len(chosen)}"
    if kinds := _KINDS.get(select["type"]):
        assert all(isinstance(thing, (*kinds, str)) for thing in chosen), f"{kinds} can be chosen there, not {chosen}"
        return [thing if isinstance(thing, str) else resolved.add(thing) for thing in chosen]
    values = {option["label"]: option["value"] for option in select.get("options") or ()}
    known = {**{value: value for value in values.values()}, **values}
    assert set(chosen) <= set(known), f"the options are {list(values)}, not {set(chosen) - set(known)}"
    return [known[name] for name in chosen]
