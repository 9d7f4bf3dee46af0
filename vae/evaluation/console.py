"""What `python -m vae evaluate` does: reads the ground, marks everybody with a progress bar, and prints."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from vae import weights
from vae.errors import CorpusError
from vae.evaluation import blends, card, marks, seeds, table
from vae.evaluation.bootstrap import Figure
from vae.evaluation.columns import Row
from vae.evaluation.ground import Ground
from vae.evaluation.marks import Size
from vae.evaluation.writing import PoetWriter, TrigramWriter, Writer, drawing_freely, hiding_codes, written
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.poet import Poet
from vae.vocabulary import Vocabulary

YARDSTICK_CANDIDATES = 4
"""Poems that the yardsticks choose each of theirs from: the table must be done in minutes."""

Bar = Callable[[str, int], Callable[[int], None]]
"""Opens a bar of so many steps, and gives what moves it on."""
Report = tuple[str, dict[str, Figure], str]
"""A heading, the figures by name, and what they mean."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """corpus: its folder. kept: the folder for poems that were written. weights: of the flagship. candidates: a poem's."""

    corpus: Path
    kept: Path
    weights: Path | None = None
    candidates: int = 16
    size: Size = dataclasses.field(default_factory=Size)


def rows(settings: Settings, forms: Sequence[Form], writing: Sequence[Form]) -> Iterator[Row]:
    """The table's rows as they are ready. writing: the forms in which poems are written and judged. Raises PoetError."""
    flagship, ancestor = Poet.load(settings.weights, "cpu"), Poet.load(weights.shipped("ancestor"), "cpu")
    with _bars() as bar:
        bar("reading the corpus", 1)
        ground = Ground.read(settings.corpus, Vocabulary.shipped())
        size, held_out = settings.size, [form for form in forms if form in ground.held_out]
        _check(settings, bool(held_out), f"no poem as {' or '.join(str(form) for form in forms)}")
        for form in held_out:
            writes = form in writing and size.written > 0
            yield _net_row("flagship", flagship, settings.candidates, ground, form, settings, writes, bar)
            few = min(settings.candidates, YARDSTICK_CANDIDATES)
            count = size.written if writes else 0
            if isinstance(flagship.net, Flagship):
                hidden, free = (PoetWriter(of(flagship), few) for of in (hiding_codes, drawing_freely))
                figures = marks.codeless_figures(flagship.net, ground, form, size)
                figures |= _written("flagship, no z", hidden, ground, form, count, settings, bar)
                yield Row("flagship, no z", flagship.model, form, _marked(ground, form, size), 0, count, figures)
                if writes:
                    figures = _written("flagship, N(0, I)", free, ground, form, count, settings, bar)
                    yield Row("flagship, N(0, I)", flagship.model, form, 0, 0, count, figures)
            yield _net_row("ancestor", ancestor, few, ground, form, settings, writes, bar)
            knobs = flagship.knobs
            trigram = TrigramWriter(ground.trigram, ground.vocabulary, flagship.lexicon, knobs.temperature, knobs.top_p)
            figures = marks.trigram_figures(ground, form, size)
            figures |= _written("trigram", trigram, ground, form, count, settings, bar)
            yield Row("trigram", "", form, _marked(ground, form, size), 0, count, figures)
            if writes:
                yield marks.human_row(ground, form, size)
                yield marks.shuffled_row(ground, form, size)


def blend_report(settings: Settings, pairs: int) -> Report:
    """How blends mix; see `blends`. Raises PoetError."""
    poet = Poet.load(settings.weights, "cpu")
    with _bars() as bar:
        ground = Ground.read(settings.corpus, poet.vocabulary)
        enough = len(ground.held_out.get(blends.FORM, ())) >= 2 * blends.FEWEST
        _check(settings, enough, f"fewer than {2 * blends.FEWEST} poems as {blends.FORM}")
        found = blends.measure(poet, ground, pairs, settings.kept, bar("blending", pairs))
    head = f"{found.pairs} pairs of held-out {blends.FORM.chinese}, {blends.STEPS} steps, weights {poet.model}"
    return head, found.figures, _definitions(blends.__doc__)


def seed_report(settings: Settings, count: int) -> Report:
    """How seeds are heard; see `seeds`. Raises PoetError."""
    poet = Poet.load(settings.weights, "cpu")
    with _bars() as bar:
        ground = Ground.read(settings.corpus, poet.vocabulary)
        _check(settings, bool(seeds.two_characters(ground.titles, ground.vocabulary)), "no title of two characters")
        found = seeds.measure(poet, ground, count, settings.kept, bar("writing from seeds", count))
    figures: dict[str, Figure] = {}
    for way in seeds.WAYS:
        figures |= {way: found.seeded[way], f"{way}, control": found.control[way]}
    head = f"{found.seeds} seeds of two characters, {seeds.FORM.chinese}, weights {poet.model}"
    return head, figures, _definitions(seeds.__doc__)


def show_rows(
    settings: Settings, forms: Sequence[Form], writing: Sequence[Form], as_json: bool, into: Path | None, say: Say
) -> None:
    """Prints the table (a JSON object as soon as it is there), and puts it into a card. Raises PoetError."""
    found = []
    for row in rows(settings, forms, writing):
        found.append(row)
        if as_json:
            say(table.as_json(row))
    if not as_json:
        say(table.as_text(found))
    if into:
        card.insert(into, "table", f"{_sizes(settings, found)}\n\n{table.as_markdown(found)}")


def show_report(section: str, report: Report, as_json: bool, into: Path | None, say: Say) -> None:
    """Prints figures with their definitions, and puts them into a card. Raises CardError."""
    head, figures, definitions = report
    cells = [["figure", "value"], *([name, table.cell(figure)] for name, figure in figures.items())]
    if as_json:
        told = {name: dataclasses.asdict(figure) for name, figure in figures.items()}
        say(json.dumps({"what": head, "figures": told}, ensure_ascii=False))
    else:
        say(f"{head}\n\n{table.aligned(cells)}\n\n{definitions}")
    if into:
        card.insert(into, section, f"{head}.\n\n{table.markdown(cells)}\n\n{definitions}")


def _sizes(settings: Settings, found: Sequence[Row]) -> str:
    size = settings.size
    models = ", ".join(f"{row.writer} {row.model}" for row in found[:4] if row.model)
    return (
        f"{models}. At most {size.marked} held-out poems of a form, {size.weighted} of them under importance weights with "
        f"{size.samples} samples each; {size.written} poems written, {settings.candidates} candidates each, "
        f"{min(settings.candidates, YARDSTICK_CANDIDATES)} for the ancestor and the flagship without its code or with codes of N(0, I). "
        "± is half of a 95 % interval."
    )


def _net_row(
    name: str, poet: Poet, candidates: int, ground: Ground, form: Form, settings: Settings, writes: bool, bar: Bar
) -> Row:
    size = settings.size
    marked = _marked(ground, form, size)
    weighted = min(size.weighted, marked)
    tick = bar(f"{name}, {form}: importance weights", weighted)
    figures = marks.net_figures(poet.net, poet.lexicon, ground, form, size, tick)
    count = size.written if writes else 0
    figures |= _written(name, PoetWriter(poet, candidates), ground, form, count, settings, bar)
    return Row(name, poet.model, form, marked, weighted, count, figures)


def _written(
    name: str, writer: Writer, ground: Ground, form: Form, count: int, settings: Settings, bar: Bar
) -> dict[str, Figure]:
    if not count:
        return {}
    tick = bar(f"{name}, {form}: writing", count)
    return marks.written_figures(ground, form, written(writer, form, count, settings.kept, tick))


def _check(settings: Settings, enough: bool, lacks: str) -> None:
    """Raises CorpusError."""
    if not enough:
        raise CorpusError(
            path=settings.corpus, reason=f"its validation part has {lacks} that no training poem resembles"
        )


def _marked(ground: Ground, form: Form, size: Size) -> int:
    return min(size.marked, len(ground.held_out[form]))


def _definitions(docstring: str | None) -> str:
    return (docstring or "").split("\n\n", 1)[1].strip()


@contextmanager
def _bars() -> Iterator[Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as progress:

        def bar(what: str, steps: int) -> Callable[[int], None]:
            for task in progress.task_ids:
                progress.update(task, visible=False)
            task = progress.add_task(what, total=steps)
            return lambda done: progress.advance(task, done)

        yield bar
