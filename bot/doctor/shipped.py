"""What came with the program: tables, weights, fonts; and the poet that is made of them."""

from __future__ import annotations

import asyncio
import time

from bot.doctor.finding import Finding
from bot.doctor.telling import AGAIN
from bot.pictures.typeface import Typeface
from bot.settings import Settings
from bot.worker import poet_loader
from vae import integrity


async def tables_and_weights(settings: Settings) -> Finding:
    listed, wrong = integrity.listed(), await asyncio.to_thread(integrity.altered)
    if wrong or not listed:
        said = f"not as they were made: {', '.join(wrong)}" if listed else "the list of their checksums is missing"
        return Finding.fault("weights", said, AGAIN)
    said = f"{len(listed)} files of tables and weights are as they were made"
    if settings.weights is not None:
        return Finding.note("weights", said, f"WEIGHTS names another file, {settings.weights}, which has no checksum.")
    return Finding.well("weights", said)


async def poet(settings: Settings) -> Finding:
    """Wakes it, as a start does. Raises WeightsError, SettingsError."""
    began = time.monotonic()
    try:
        poet = await asyncio.to_thread(poet_loader(settings.weights, settings.device, settings.torch_threads))
    except (ImportError, RuntimeError) as error:
        return Finding.fault("poet", f"cannot be woken ({type(error).__name__}: {error})", "Install PyTorch again.")
    said = f"awake after {time.monotonic() - began:.1f} s"
    if poet.device == "cpu" and poet.net.config.kind == "flagship":
        own = "" if settings.weights is None else f" --weights {settings.weights}"
        without = f"not compiled (`python -m vae compile{own}` halves the time a poem takes)"
        said += f"; it is {'compiled for this machine' if poet.compiled else without}"
    return Finding.well("poet", said)


async def font(_: Settings) -> Finding:
    """Raises FontMissing."""
    face = Typeface.shipped()
    try:
        face.glyph("詩", 32)
    except OSError as error:
        return Finding.fault("font", f"cannot be drawn with ({error})", AGAIN)
    return Finding.well("font", f"has {sum(len(chars) for _, chars in face.files)} characters")
