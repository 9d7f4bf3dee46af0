from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.store import bench


def job(
    poems: Annotated[int, typer.Option(min=100, help="Poems in the database that is built.")] = 1_000_000,
    ratings: Annotated[int, typer.Option(min=100, help="Ratings of them.")] = 5_000_000,
    calls: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 200,
    writers: Annotated[int, typer.Option(min=1, help="People who write at once.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="How long they do.")] = 30,
    folder: Annotated[Path | None, typer.Option(help="Where the database is built; it is deleted at the end.")] = None,
) -> None:
    """Time every question of the store in a big SQLite database (1 GB for a million poems), built for it."""
    asyncio.run(_bench(poems, ratings, calls, writers, seconds, folder))


async def _bench(poems: int, ratings: int, calls: int, writers: int, seconds: float, folder: Path | None) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch, Progress(console=Console(stderr=True)) as progress:
        path = Path(scratch) / "bench.db"
        crowd = await bench.build(path, poems, ratings, progress)
        size = path.stat().st_size
        results = await bench.timed(path, crowd, calls, progress)
        crowd_of_writers = await bench.crowded(path, writers, seconds)
    table = Table(
        "question", "cpu ms", "median ms", "p99 ms", "worst ms", title=f"{poems:,} poems, {size / 1e9:.2f} GB"
    )
    for result in results:
        table.add_row(
            result.question, *(f"{value:.2f}" for value in (result.cpu, result.median, result.p99, result.worst))
        )
    Console(width=100).print(table)
    rate = crowd_of_writers.writes / crowd_of_writers.seconds
    Console(width=120).print(
        f"{writers} writers at once, two programs: {rate:.0f} writes a second, p99 {crowd_of_writers.p99:.0f} ms, "
        f"worst {crowd_of_writers.worst:.0f} ms; none was refused"
    )
