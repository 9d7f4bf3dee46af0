"""A person who has a text checked sees its tones as a picture too."""

from __future__ import annotations

from bot.errors import PictureError
from bot.pictures.studio import Picture, draw_xray
from bot.service.desk import Desk
from vae.prosody.check import Report


async def draw_tones(desk: Desk, report: Report) -> Picture | None:
    """None where nothing is drawn, or the text is too large for a picture: what is said of it in words will do."""
    if desk.studio is None or not desk.draws:
        return None
    try:
        return await desk.studio.draw(draw_xray, report.lines)
    except PictureError:
        return None
