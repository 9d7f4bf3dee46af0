"""What a press does: for each name of a custom id (`bot.chat.ids`) the function that answers it.

A name that was once released stays here for good, since its buttons stand under old messages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from bot.chat.ids import ERASURE, FAVOURITES, MODAL, POEM, WAITING, WALK, Id
from bot.chat.presses import favourites, poem, privacy, waiting, walk

if TYPE_CHECKING:
    from bot.chat.client import Interaction

Press: TypeAlias = Callable[["Interaction", Id], Awaitable[None]]

PRESSES: Mapping[str, Press] = MappingProxyType(
    {
        f"{POEM}:again": poem.again,
        f"{POEM}:vary": poem.vary,
        f"{POEM}:blend": poem.blend,
        f"{POEM}:keep": poem.keep,
        f"{POEM}:read": poem.read,
        f"{POEM}:rate": poem.rate,
        f"{POEM}:picture": poem.picture,
        f"{POEM}:open": poem.open_,
        f"{POEM}:delete": poem.delete,
        f"{WALK}:map": walk.map_,
        f"{FAVOURITES}:page": favourites.page,
        f"{FAVOURITES}:share": favourites.share,
        f"{FAVOURITES}:drop": favourites.drop,
        f"{FAVOURITES}:out": favourites.out,
        f"{FAVOURITES}:export": favourites.export,
        f"{WAITING}:cancel": waiting.cancel,
        f"{ERASURE}:yes": privacy.yes,
        f"{ERASURE}:no": privacy.no,
    }
)
MODALS: Mapping[str, Press] = MappingProxyType({f"{MODAL}:blend": poem.blended})
