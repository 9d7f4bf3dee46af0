"""Nets compiled for this machine: `python -m vae compile` makes the libraries, the poet takes them where they fit.

They are made of one net's weights, or of all of those that judge, by one version of torch and of our own code, for one kind of processor; the name of
their folder tells which, so that none is ever used for another.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TypeAlias, TypeVar

import torch

from vae import integrity, nucleus, weights
from vae.errors import NotCompiled, why
from vae.nets.ahead import Library, compile_ahead
from vae.nets.batch import FORMS, TONES
from vae.nets.decoding import Decoder
from vae.nets.flagship import Flagship
from vae.nets.jury import Jury
from vae.nets.program import NAMES, CompiledDecoder, Programs, write_program
from vae.poem import Form
from vae.vocabulary import SPECIAL

FOLDER = Path(str(resources.files("vae").joinpath("compiled")))
AT_ONCE = 2
"""Programs compiled side by side, for each of which 700 MB are wanted."""
CLOSE = 0.05
"""How far off what programs say may be on average, in spreads of what the nets say that were not compiled; a hundredth is rounding."""
MOST = 0.8
"""Of the characters drawn with the same numbers that are the same at least."""

JURY = "jury.so"

_Loaded = TypeVar("_Loaded")
_Job: TypeAlias = Callable[[Path], None]
"""Writes a program into a folder."""
_log = logging.getLogger(__name__)


def found(model: str, folder: Path = FOLDER) -> Programs | None:
    """The programs made here for a net, by its hash; None where there are none, or none that can be used."""
    return _found(model, Programs.load, folder)


def found_jury(model: str, folder: Path = FOLDER) -> Library | None:
    """The same for the nets that judge, by the hash of all."""
    return _found(model, _jury_in, folder)


def compile_net(path: Path, folder: Path = FOLDER) -> Path:
    """Makes the programs of the net in a file, and returns their folder; its earlier ones go.

    Raises WeightsError, NotCompiled.
    """
    net, model = weights.load(path)
    if not isinstance(net, Flagship):
        raise NotCompiled(reason="only a flagship's can")
    jobs = [partial(_write_program, path, name) for name in NAMES]
    return _make(model, jobs, lambda made: check(net, Programs.load(made)), folder)


def compile_jury(files: weights.JudgesFiles, folder: Path = FOLDER) -> Path:
    """The same for the nets that judge."""
    judges, model = weights.load_judges(files)
    jury = Jury(*judges)
    return _make(model, [partial(_write_jury, files)], lambda made: check_jury(jury, _jury_in(made)), folder)


def _found(model: str, load: Callable[[Path], _Loaded], folder: Path) -> _Loaded | None:
    try:
        made = sorted(folder.glob(f"{model}-*"))
        if not made:
            return None
        of_model = folder / _name(model)
        if of_model not in made:
            raise RuntimeError("it is of another version or processor")
        # Looked at first, since a library that is cut short ends the whole process when it is loaded.
        if not integrity.listed(of_model) or integrity.altered(of_model):
            raise RuntimeError("it is not as it was made")
        return load(of_model)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        advice = "`python -m vae compile` makes it anew"
        _log.warning("What is compiled in %s cannot be used (%s); %s.", folder, why(error), advice)
        return None


def _make(model: str, jobs: Sequence[_Job], check_in: Callable[[Path], None], folder: Path) -> Path:
    """The folder of a model's programs, which some jobs write and which are looked at before they take the place of others."""
    if sys.platform == "win32":
        raise NotCompiled(reason="that is not done on Windows")
    of_model = folder / _name(model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _aside(folder) as aside:
            _do_all(jobs, aside)
            for threads in {1, torch.get_num_threads()}:  # the bot leaves a core to others
                with _threads(threads):
                    check_in(aside)
            made = Path(tempfile.mkdtemp(dir=aside))
            for program in aside.glob("*.so"):
                program.rename(made / program.name)
            integrity.list_all(made)
            made.chmod(0o755)
            for old in folder.glob(f"{model}-*"):
                old.rename(aside / f"old-{old.name}")
            made.rename(of_model)
    except (ImportError, OSError, RuntimeError) as error:  # torch's own are of these, and a compiler's that fails
        raise NotCompiled(reason=why(error).rstrip(".")) from error
    return of_model


def _do_all(jobs: Sequence[_Job], folder: Path) -> None:
    """Each in a process of its own. Raises ImportError, OSError, RuntimeError."""
    from torch._inductor.cpp_builder import get_cpp_compiler  # noqa: PLC0415 - seconds, and a hundred megabytes of modules

    get_cpp_compiler()  # raises where there is none, before any work
    workers = min(AT_ONCE, os.cpu_count() or 1)
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        list(pool.map(partial(_do, folder=folder), jobs))
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _do(job: _Job, folder: Path) -> None:
    try:
        job(folder)
    except Exception as error:  # torch's own cannot all be sent to another process
        raise RuntimeError(why(error)) from None


def _write_program(path: Path, name: str, folder: Path) -> None:
    net, _ = weights.load(path)
    assert isinstance(net, Flagship)
    write_program(name, net, folder)


def _write_jury(files: weights.JudgesFiles, folder: Path) -> None:
    judges, _ = weights.load_judges(files)
    jury = Jury(*judges)
    compile_ahead(jury, jury.inputs(), folder / JURY)


def _jury_in(folder: Path) -> Library:
    return Library(folder / JURY)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.inference_mode()
def check(net: Flagship, programs: Programs, form: Form = Form.WUJUE, rows: int = 33) -> None:
    """Raises NotCompiled if they say something else than the decoder they are made of, or of a row what depends on those
    beside it."""
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(rows, net.config.latent, generator=generator)
    ids = torch.randint(SPECIAL, net.config.vocabulary, (rows, form.size), generator=generator)
    numbers = torch.rand(rows, generator=generator)
    nothing, plain, compiled = torch.zeros_like(ids), Decoder(net), CompiledDecoder(net, programs)
    every = torch.randint(SPECIAL, net.config.vocabulary, (rows, Form.QILV.size), generator=generator)
    given, tones, heat = every * (every % 2), every % TONES, 0.1 + 0.2 * numbers[:, None]
    used = torch.rand(rows, net.config.vocabulary, generator=generator)
    wants = nucleus.Wants((used < 0.1) * nucleus.USED, used > 0.6, ids[:, 0] * (ids[:, 0] % 2))
    hints = plain.hints(form, nothing, nothing, nothing[:, 0])
    last = plain.step(plain.begin(hints, codes), nothing[:, 0])

    def said(by: Decoder, some: slice) -> list[torch.Tensor]:
        writing, told = by.begin(hints[some], codes[some]), []
        for place in range(form.size):
            hidden = by.step(writing, ids[some, place - 1] if place else nothing[some, 0])
            told.append(by.scores(hidden).log_softmax(-1).gather(1, ids[some, place, None])[:, 0])
        for stands in (1, form.size // 2):
            writing = by.begin(hints[some], codes[some])
            by.take_in(writing, ids[some, :stands])
            told.append(by.scores(by.step(writing, ids[some, stands - 1])).log_softmax(-1).amax(1))
        of_whole = (by.log_p(hints[some], ids[some], z) for z in (codes[some], None))
        asked = (by.hints(each, given[some, : each.size], tones[some, : each.size], tones[some, 0]) for each in Form)
        drawn, log_p = by.draw(
            last[some], nucleus.Wants(*(each[some] for each in wants)), heat[some], numbers[some], 0.9
        )
        return [torch.stack(told, 1), *of_whole, *asked, log_p, drawn]

    together = said(compiled, slice(rows))
    *close, _, drawn = zip(together, said(plain, slice(rows)), strict=True)
    # Seldom another is drawn, where a number lies between two.
    if not all(_close(*both) for both in close) or torch.eq(*drawn).float().mean() < MOST:
        raise NotCompiled(reason="what torch's compiler makes of it says something else")
    for some in (slice(1), slice(1, 4), slice(16, 33)):
        if not all(torch.equal(part[some], alone) for part, alone in zip(together, said(compiled, some), strict=True)):
            raise NotCompiled(reason="what torch's compiler makes of it has rows that depend on each other")


@torch.inference_mode()
def check_jury(jury: Jury, program: Library, rows: int = 48) -> None:
    """The same of what was compiled for the nets that judge."""
    generator = torch.Generator().manual_seed(0)
    most = min(net.config.vocabulary for net in (jury.critic, jury.coherence))
    for form, lines in ((Form.QIJUE, 4), (Form.QIJUE, 2), (Form.WULV, 6), (Form.WULV, 8)):
        number = torch.tensor(FORMS.index(form))
        ids = torch.randint(SPECIAL, most, (rows, lines, form.columns), generator=generator)
        together = program(number, ids)
        for part, true in zip(together, jury(number, ids), strict=True):
            if not _close(part, true):
                raise NotCompiled(reason="what torch's compiler makes of the judging nets says something else")
        for some in (slice(16), slice(16, 48)):
            alone = program(number, ids[some].contiguous())
            if not all(torch.equal(part[some], own) for part, own in zip(together, alone, strict=True)):
                raise NotCompiled(
                    reason="what torch's compiler makes of the judging nets has rows that depend on each other"
                )


def _close(part: torch.Tensor, true: torch.Tensor) -> bool:
    return bool((part - true).abs().mean() < CLOSE * true.std())


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder to compile in, which goes with all that the compiler leaves there."""
    key = "TORCHINDUCTOR_CACHE_DIR"
    before = os.environ.get(key)
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        os.environ[key] = aside
        try:
            yield Path(aside)
        finally:
            os.environ.pop(key)
            if before is not None:
                os.environ[key] = before


def _name(model: str) -> str:
    """Of the folder: the net's hash, and that of all else that the libraries are made of. Raises OSError."""
    digest = hashlib.sha256(f"{torch.__version__} {_processor()}".encode())
    for source in (*sorted(Path(__file__).parent.glob("nets/*.py")), Path(nucleus.__file__)):
        digest.update(source.read_bytes())
    return f"{model}-{digest.hexdigest()[:12]}"


def _processor() -> str:
    """What it can do, as the system tells it, or else as torch does."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    told = sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    return f"{platform.machine()} {torch.cpu.get_capabilities()} {told}"
