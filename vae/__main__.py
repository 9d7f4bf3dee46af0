"""`python -m vae`: the poet at a terminal, for writing, checking and training. Exit codes: 0 done, 2 a wish that cannot
be met or read, 5 weights that cannot be used."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from vae.errors import OneProcessOnly, PoetError, WeightsError
from vae.poem import BlendRequest, Form, Poem, Script, WriteRequest, boldness_named

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

FormOption = Annotated[
    str | None, typer.Option("--form", help="couplet, couplet7, wujue, qijue, wulv or qilv; 五绝 too.")
]
ScriptOption = Annotated[Script | None, typer.Option("--script", help="Simplified (hans) or Traditional (hant).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
SeedOption = Annotated[int | None, typer.Option("--random-seed", help="The same number gives the same poem.")]
WeightsOption = Annotated[
    Path | None, typer.Option("--weights", help="A weights file; the shipped flagship by default.")
]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]
CorpusOption = Annotated[Path, typer.Option("--corpus", help="The folder of train.jsonl.xz and valid.jsonl.xz.")]
BoldnessOption = Annotated[
    str, typer.Option("--boldness", help="How daring the words are: shy, usual, bold, or a number from 0 to 1.")
]
CandidatesOption = Annotated[int, typer.Option("--candidates", min=1, max=64, help="Poems to choose each from.")]
StepsOption = Annotated[int | None, typer.Option("--steps", min=1, help="Length of the run in steps, instead.")]
RateOption = Annotated[float, typer.Option("--rate", min=0.001, max=10, help="Times the usual learning rates.")]
TrainingSeedOption = Annotated[int, typer.Option("--random-seed", min=0, max=2**31 - 1)]
TableOption = Annotated[str, typer.Option("--table", help="The rhyme book: classical (平水韻) or modern (中華新韻).")]


@contextmanager
def said_plainly() -> Iterator[None]:
    """Errors that a person can act on become one line on standard error and an exit code."""
    try:
        yield
    except WeightsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(5) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except PoetError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(0) from None
    except (MemoryError, RuntimeError) as error:
        if not _of_memory(error):
            raise
        typer.echo("There is not enough memory. End what else uses it, or try --device cpu.", err=True)
        raise typer.Exit(2) from error


def _of_memory(error: MemoryError | RuntimeError) -> bool:
    # Torch's own class by name, since torch is imported only where it is needed.
    of_device = type(error).__name__ == "OutOfMemoryError"
    return isinstance(error, MemoryError) or of_device or "can't allocate memory" in str(error)


@cli.command()
def write(
    seed: Annotated[str | None, typer.Option("--seed", help="Lines, words, a mood, a poem; English too.")] = None,
    form: FormOption = None,
    count: Annotated[int, typer.Option("--count", min=1, max=100_000, help="How many poems.")] = 1,
    random_seed: SeedOption = None,
    rhyme: Annotated[str | None, typer.Option("--rhyme", help="A rhyme group, such as 東.")] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", help="S1, S2, S3 or S4.")] = None,
    acrostic: Annotated[str | None, typer.Option("--acrostic", help="A character for the head of each line.")] = None,
    place: Annotated[
        int | None, typer.Option("--place", help="The line, from 1, that the seed's first line stands at.")
    ] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", help="A poem whose rhyme words are used in the same order (和韻).")
    ] = None,
    table: TableOption = "classical",
    candidates: CandidatesOption = 16,
    revisions: Annotated[
        int, typer.Option("--revisions", min=0, max=16, help="Lines written anew, each given all the others.")
    ] = 0,
    boldness: BoldnessOption = "usual",
    script: ScriptOption = None,
    as_json: JsonOption = False,
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Write poems. With --random-seed N and --count K the poems have the seeds N, N + 1 and so on."""
    from vae.poet import ROWS, Poet  # noqa: PLC0415 - torch takes a second that --help should not
    from vae.prosody.table import named  # noqa: PLC0415

    with said_plainly():
        shape = None if form is None else Form.parse(form)
        poet = Poet.load(weights, device)
        wish = WriteRequest(
            seed=seed,
            form=shape,
            rhyme=rhyme,
            scheme=scheme,
            acrostic=acrostic,
            table=named(table).name,
            script=script,
            candidates=candidates,
            revisions=revisions,
            place=place,
            answer=answer,
            boldness=boldness_named(boldness),
        )
        seeds = [None if random_seed is None else random_seed + i for i in range(count)]
        for start in range(0, count, ROWS):
            batch = [dataclasses.replace(wish, random_seed=number) for number in seeds[start : start + ROWS]]
            for i, poem in enumerate(poet.write_all(batch), start):
                _show(poem, as_json, seed=seed, first=i == 0)


@cli.command()
def blend(
    a: Annotated[str, typer.Argument(help="A line, a few words or a poem.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    steps: Annotated[int, typer.Option("--steps", help="Poems on the path, both ends counted: 2 to 25.")] = 5,
    form: FormOption = None,
    random_seed: SeedOption = None,
    script: ScriptOption = None,
    candidates: CandidatesOption = 16,
    boldness: BoldnessOption = "usual",
    as_json: JsonOption = False,
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Walk from one text to another; `lean` tells whose words a step uses, -1 the first's and 1 the second's."""
    from vae.poet import Poet  # noqa: PLC0415

    with said_plainly():
        shape = None if form is None else Form.parse(form)
        request = BlendRequest(
            a=a,
            b=b,
            steps=steps,
            form=shape,
            script=script,
            random_seed=random_seed,
            candidates=candidates,
            boldness=boldness_named(boldness),
        )
        for i, poem in enumerate(Poet.load(weights, device).blend(request)):
            _show(poem, as_json, seed=None, first=i == 0, t=poem.recipe.t)


@cli.command()
def train(
    net: Annotated[
        str,
        typer.Option(
            "--net", help="flagship, large, ancestor (all forms), couplet (the ancestor of 5 + 5), critic or coherence."
        ),
    ] = "flagship",
    corpus: CorpusOption = Path("../shared/corpus"),
    out: Annotated[Path | None, typer.Option("--out", help="The run's folder; runs/NET by default.")] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.05, help="Length of the whole run; 60 by default.")
    ] = None,
    steps: StepsOption = None,
    begin: Annotated[
        Path | None, typer.Option("--from", help="A weights file to begin with, instead of a fresh net.")
    ] = None,
    rate: RateOption = 1.0,
    random_seed: TrainingSeedOption = 0,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile the net first: minutes on a processor, half a minute on a GPU.")
    ] = False,
    device: DeviceOption = "auto",
) -> None:
    """Train on the corpus, or go on where a run in the same folder stopped."""
    from vae import criticism, kindred, parallel  # noqa: PLC0415
    from vae.apprenticeship import train as run  # noqa: PLC0415
    from vae.poet import choose_device  # noqa: PLC0415
    from vae.training import Schedule  # noqa: PLC0415

    with said_plainly():
        bound = 60.0 if minutes is None and steps is None else minutes
        schedule = Schedule(steps=steps, minutes=bound, seed=random_seed, compile=compiled).times(rate)
        folder, to = out or Path("runs") / net, choose_device(device)
        judging = {"critic": criticism.train, "coherence": kindred.train}.get(net)
        if parallel.expected() and (judging or compiled):
            raise OneProcessOnly(what=f"The {net} net" if judging else "A compiled net")
        (judging or partial(run, net))(corpus, folder, schedule, to, begin)


@cli.command()
def tune(
    begin: Annotated[
        Path | None, typer.Option("--from", help="A flagship's weights; those that ship by default.")
    ] = None,
    corpus: CorpusOption = Path("../shared/corpus"),
    out: Annotated[Path, typer.Option("--out", help="The run's folder.")] = Path("runs/tuned"),
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.05, help="Length of the run; 15 by default.")
    ] = None,
    steps: StepsOption = None,
    rate: RateOption = 0.15,
    random_seed: TrainingSeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Teach a trained flagship to prefer people's poems to its own answers, or go on where that stopped."""
    from vae import parallel, preference  # noqa: PLC0415
    from vae.poet import choose_device  # noqa: PLC0415
    from vae.training import Schedule  # noqa: PLC0415

    with said_plainly():
        if parallel.expected():
            raise OneProcessOnly(what="A tuned flagship")
        bound = 15.0 if minutes is None and steps is None else minutes
        schedule = Schedule(steps=steps, minutes=bound, seed=random_seed).times(rate)
        preference.tune(corpus, begin, out, schedule, choose_device(device))


@cli.command()
def evaluate(
    corpus: CorpusOption = Path("../shared/corpus"),
    weights: WeightsOption = None,
    forms: Annotated[list[str] | None, typer.Option("--form", help="Forms to mark; the four regular ones.")] = None,
    poems: Annotated[int, typer.Option("--poems", min=2, help="Held-out poems of each form, at most.")] = 400,
    weighted: Annotated[int, typer.Option("--weighted", min=2, help="Those of them under importance weights.")] = 32,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Importance samples a poem.")] = 100,
    written: Annotated[
        int, typer.Option("--written", min=0, help="Poems written and judged, of 七絕 and 五律 or the forms named.")
    ] = 1000,
    candidates: Annotated[int, typer.Option("--candidates", min=1, max=64, help="To choose each poem from.")] = 16,
    blends: Annotated[bool, typer.Option("--blends", help="Mark blends of 200 pairs instead.")] = False,
    seeds: Annotated[bool, typer.Option("--seeds", help="Mark how 200 seeds are heard instead.")] = False,
    count: Annotated[int, typer.Option("--count", min=2, max=1000, help="Pairs or seeds.")] = 200,
    kept: Annotated[Path, typer.Option("--kept", help="Where written poems are kept for the next time.")] = Path(
        "runs/evaluation"
    ),
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Put the tables into MODEL_CARD.md too.")] = False,
) -> None:
    """Mark the flagship beside its ancestor, a trigram and people, on poems that none has read."""
    from vae.evaluation import console  # noqa: PLC0415
    from vae.evaluation.card import CARD  # noqa: PLC0415
    from vae.evaluation.marks import Size  # noqa: PLC0415

    with said_plainly():
        regular = (Form.WUJUE, Form.QIJUE, Form.WULV, Form.QILV)
        marked = [Form.parse(name) for name in forms] if forms else regular
        writing = marked if forms else (Form.QIJUE, Form.WULV)
        size = Size(marked=poems, weighted=weighted, samples=samples, written=written)
        settings = console.Settings(corpus, kept, weights, candidates, size)
        card = CARD if markdown else None
        if blends or seeds:
            if blends:
                console.show_report("blends", console.blend_report(settings, count), as_json, card, typer.echo)
            if seeds:
                console.show_report("seeds", console.seed_report(settings, count), as_json, card, typer.echo)
        else:
            console.show_rows(settings, marked, writing, as_json, card, typer.echo)


@cli.command()
def survey(corpus: CorpusOption = Path("../shared/corpus")) -> None:
    """Make the map of poems for the shipped poet: vae/data/atlas.npz."""
    from vae.atlas import SHIPPED  # noqa: PLC0415
    from vae.corpus import pack, read_poems  # noqa: PLC0415
    from vae.poet import Poet  # noqa: PLC0415
    from vae.survey import survey as run  # noqa: PLC0415

    with said_plainly():
        poet = Poet.load(device="cpu")
        packed = pack(read_poems(corpus / "train.jsonl.xz"), poet.vocabulary)
        atlas = run(poet.net, poet.model, packed, corpus, poet.vocabulary)
        atlas.save(SHIPPED)
        for form, plane in atlas.planes.items():
            typer.echo(f"{form.value}: {len(plane.cloud)} poems, {len(plane.landmarks)} with a name")


@cli.command()
def company(corpus: CorpusOption = Path("../shared/corpus")) -> None:
    """Count which characters keep company in poems: vae/data/company.npz. A minute or two."""
    from vae.company import SHIPPED, Company  # noqa: PLC0415
    from vae.corpus import pack, read_poems  # noqa: PLC0415
    from vae.vocabulary import Vocabulary  # noqa: PLC0415

    with said_plainly():
        vocabulary = Vocabulary.shipped()
        packed = pack(read_poems(corpus / "train.jsonl.xz"), vocabulary)
        Company.count(packed, len(vocabulary)).save(SHIPPED)
        typer.echo(f"{sum(map(len, packed.poems.values())):,} poems were counted.")


@cli.command()
def taste(
    critic: Annotated[
        Path | None, typer.Option("--critic", help="A critic's weights; the one that ships by default.")
    ] = None,
    corpus: CorpusOption = Path("../shared/corpus"),
    poems: Annotated[int, typer.Option("--poems", min=8, help="Held-out poems of each form, at most.")] = 100,
    forms: Annotated[
        list[str] | None, typer.Option("--form", help="Forms to fit on; qijue and wulv by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the weights go; the file that ships by default.")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Fit what the marks of candidates weigh, on held-out poems, and write it down."""
    from vae import selection  # noqa: PLC0415
    from vae import taste as fitting  # noqa: PLC0415

    with said_plainly():
        shapes = [Form.parse(form) for form in forms or ("qijue", "wulv")]
        found = fitting.run(corpus, critic, shapes, poems, device)
        found.dump(out or selection.file())
        typer.echo(json.dumps(dataclasses.asdict(found)))


@cli.command()
def readers(
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder for the reader's weights; the one that ships by default.")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Fit the reader to what readers said of our poems, and write it down; before `taste`, after a new flagship or coherence net."""
    from vae import readings, weights  # noqa: PLC0415
    from vae.poet import Poet  # noqa: PLC0415

    with said_plainly():
        path = readings.file()
        coherence, digest = weights.load_coherence(weights.shipped("coherence"))
        found = readings.fit(Poet.without_judges(device=device), coherence, digest, readings.read(path), path)
        weights.save(found.reader, out or weights.shipped("reader").parent, "reader")
        told = {name: value for name, value in dataclasses.asdict(found).items() if name != "reader"}
        typer.echo(json.dumps(told))


@cli.command()
def prove(
    count: Annotated[int, typer.Option("--count", min=1, max=1_000_000, help="Poems to write and check.")] = 10_000,
    random_seed: TrainingSeedOption = 0,
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Write poems of every form, by both rhyme books and in both scripts, and count those that keep their form."""
    from vae.poet import Poet  # noqa: PLC0415
    from vae.proof import prove as run  # noqa: PLC0415

    with said_plainly():
        for line in run(Poet.load(weights, device), count, random_seed):
            typer.echo(line)


@cli.command()
def bench(
    as_json: JsonOption = False,
    seconds: Annotated[float, typer.Option("--seconds", min=0.01, max=600, help="How long to measure each row.")] = 4.0,
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Time a poem against the ancestor, a decoder without a cache, GPT-2, and what the machine could do."""
    from vae.bench import run, table, to_json  # noqa: PLC0415
    from vae.poet import Poet  # noqa: PLC0415

    with said_plainly():
        found = run(Poet.load(weights, device), seconds)
        typer.echo(to_json(found) if as_json else table(found))


@cli.command("compile")
def compile_(weights: WeightsOption = None) -> None:
    """Compile the flagship for this machine: a minute or two, then poems in about half the time.

    Needs a C++ compiler; not for Windows. The same random seed gives the same poem as long as it stays compiled, or not.
    """
    from vae import compiling  # noqa: PLC0415
    from vae.weights import shipped, shipped_judges  # noqa: PLC0415

    with said_plainly():
        compiling.compile_net(weights or shipped())
        folder = compiling.compile_jury(shipped_judges()).parent
        typer.echo(f"The decoder and the nets that judge are compiled; the poet will find them in {folder}.")


@cli.command()
def check(as_json: JsonOption = False, table: TableOption = "classical") -> None:
    """Read poems from standard input, as text or JSON lines, and show where they keep their form and where not."""
    from vae.prosody import console  # noqa: PLC0415
    from vae.prosody.table import named  # noqa: PLC0415

    with said_plainly():
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
        console.run(sys.stdin, sys.stdout, as_json, named(table))


def _show(poem: Poem, as_json: bool, *, seed: str | None, first: bool, t: float | None = None) -> None:
    if as_json:
        told: dict[str, Any] = {"form": poem.form.value, "lines": poem.lines, "seed": seed}
        told |= {"random_seed": poem.recipe.random_seed, "id": poem.id}
        told |= ({} if t is None else {"t": t, "lean": poem.lean}) | ({"notes": poem.notes} if poem.notes else {})
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        head = "" if t is None else f"t = {t:.2f}, lean {poem.lean:+.2f}\n"
        typer.echo(("" if first else "\n") + head + poem.text)
        for note in poem.notes:
            typer.echo(f"({note})", err=True)


if __name__ == "__main__":
    cli()
