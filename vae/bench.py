"""How long a poem takes, and how that compares: `python -m vae bench`.

All is measured in one run, in one process, on whatever the machine is doing: the ratios say more than the times. Ours is a
whole poem of seven characters and four lines (七絕), from the request to the poem, chosen from sixteen candidates. Beside it:

- ancestor: the older net, which writes all places at once, as many candidates.
- not compiled: the same poem, where the decoder was compiled for the machine (`python -m vae compile`), without that.
- without cache: our decoder as it learns, which reads all of the poem again for each place; draws without masks or marks.
- GPT-2: transformers' `generate`, weights drawn at random, of the width, layers, heads, vocabulary and length of our
  decoder, top-p and temperature as ours, as many rows; in float32 or bf16, whichever is quicker here.
- floor: multiplications and additions of the decoder's matrices over this machine's rate for large products, or the bytes
  of its weights, read once a place, over the rate at which memory is copied: the larger. All candidates are written
  with their code, and the best of them are read without it: both count.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from vae import weights
from vae.errors import UnknownChoice
from vae.nets.alone import quick_dtype
from vae.nets.flagship import Flagship
from vae.poem import Form, WriteRequest
from vae.poet import Poet
from vae.sampling import read_of
from vae.training import autocast

FORM, LONGER = Form.QIJUE, Form.QILV
ROWS = 16
_START = """
from vae.poet import Poet
from vae.poem import WriteRequest
poet = Poet.load(device="cpu")
poet.only_write()
print("ready", flush=True)
for i in range(4):
    poet.write(WriteRequest(random_seed=i))
from vae.bench import resident
print(*resident(), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured. median, p95: milliseconds; ratio: the median over that of our poem; rate: poems a second."""

    what: str
    median: float
    p95: float
    ratio: float | None = None
    rate: float | None = None


@dataclass(slots=True)
class Result:
    """What a run of the bench found. matrix: operations a second; memory: bytes a second; start: seconds; the rest MB."""

    processor: str
    threads: int
    dtype: str
    compiled: bool
    rows: list[Row] = field(default_factory=list)
    matrix: float = 0.0
    memory: float = 0.0
    floor: dict[str, float] = field(default_factory=dict)
    extra_line: float = 0.0
    start: float = 0.0
    resident: float = 0.0
    peak: float = 0.0
    missing: list[str] = field(default_factory=list)

    @property
    def poem(self) -> float:
        """Milliseconds of our poem."""
        return self.rows[0].median

    def add(self, what: str, times: list[float], poems: int = 0) -> None:
        median, p95 = (_quantile(times, share) * 1e3 for share in (0.5, 0.95))
        ratio = None if poems else median / (self.poem if self.rows else median)
        self.rows.append(Row(what, median, p95, ratio, poems / median * 1e3 if poems else None))


def run(poet: Poet, seconds: float) -> Result:
    """Measures everything, about `seconds` for each row. poet: the flagship. Raises UnknownChoice."""
    if not isinstance(poet.net, Flagship):
        raise UnknownChoice(what="net to time", given=poet.net.config.kind, choices="flagship")
    device = poet.net.codes.mean.device
    dtype, compiled = str(quick_dtype(device)).removeprefix("torch."), poet.compiled
    found = Result(processor(device), torch.get_num_threads(), dtype, compiled)

    def writing(form: Form, candidates: int, poems: int = 1, by: Poet = poet) -> Callable[[], object]:
        seeds = iter(range(2**31))
        request = WriteRequest(form=form, candidates=candidates)
        return lambda: by.write_all([dataclasses.replace(request, random_seed=next(seeds)) for _ in range(poems)])

    found.add(f"{FORM}, 16 candidates", times(writing(FORM, ROWS), seconds))
    found.add(f"{FORM}, 64 candidates", times(writing(FORM, 64), seconds))
    found.add(f"{FORM}, 1 candidate", times(writing(FORM, 1), seconds))
    longer = times(writing(LONGER, ROWS), seconds)
    found.add(f"{LONGER}, 16 candidates", longer)
    found.extra_line = (_quantile(longer, 0.5) * 1e3 - found.poem) / (LONGER.lines - FORM.lines)
    for poems in (1, 4, 16, 64):
        found.add(f"{poems} together", times(writing(FORM, ROWS, poems), seconds), poems)
    if compiled:
        plain = poet.uncompiled()
        found.add("not compiled", times(writing(FORM, ROWS, by=plain), seconds))
    ancestor = Poet.load(weights.shipped("ancestor"), poet.device)
    found.add("(a) ancestor", times(writing(FORM, ROWS, by=ancestor), seconds))
    found.add("(b) without cache", times(without_cache(poet.net), seconds))
    rival = gpt2(poet)
    if rival:
        found.add("(c) GPT-2, generate", min((times(each, seconds) for each in rival), key=lambda t: _quantile(t, 0.5)))
    else:
        found.missing.append("(c) GPT-2: transformers is not installed (pip install 'lanting[bench]')")
    found.matrix, found.memory = matrix_rate(quick_dtype(device), device), memory_rate(device)
    operations, read = work(poet.net)
    found.floor = {"operations": operations, "bytes": read}
    floor = max(operations / found.matrix, read / found.memory)
    found.add("(d) floor", [floor])
    found.start, found.resident, found.peak = start()
    return found


def times(once: Callable[[], object], seconds: float) -> list[float]:
    """Seconds of each call, for about `seconds` in all; at least three, after one that is not counted."""
    once()
    found: list[float] = []
    while sum(found) < seconds or len(found) < 3:
        begun = time.perf_counter()
        once()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        found.append(time.perf_counter() - begun)
    return found


def without_cache(net: Flagship) -> Callable[[], object]:
    """Writes ROWS poems with the decoder as it learns."""
    device = net.no_code.device
    # As in training: norms under autocast have float32 weights on purpose.
    warnings.filterwarnings("ignore", message="Mismatch dtype between input and weight")

    @torch.inference_mode()
    def once() -> None:
        nothing = torch.zeros(ROWS, FORM.size, dtype=torch.long, device=device)
        codes = torch.randn(ROWS, 1, net.config.latent, device=device)
        with autocast(device.type):
            hints = net.hints(FORM, nothing, nothing, nothing[:, 0])
            written = nothing[:, :1]
            for place in range(FORM.size):
                hidden = net.decode(written, hints[:, : place + 1], codes)[:, -1]
                drawn = torch.multinomial(net.characters(hidden).float().softmax(-1), 1)
                written = torch.cat((written, drawn), 1)

    return once


def gpt2(poet: Poet) -> list[Callable[[], object]] | None:
    """transformers' GPT-2 of our decoder's size, writing ROWS rows of the form's length; None where it is not installed."""
    try:
        import transformers  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    transformers.logging.set_verbosity_error()
    config, device = poet.net.config, poet.net.codes.mean.device
    assert isinstance(poet.net, Flagship)
    shape = transformers.GPT2Config(
        vocab_size=config.vocabulary,
        n_positions=64,
        n_embd=config.width,
        n_layer=poet.net.config.layers,
        n_head=poet.net.config.heads,
        bos_token_id=0,
        eos_token_id=None,
        pad_token_id=0,
    )
    begin = torch.zeros(ROWS, 1, dtype=torch.long, device=device)

    def writing(dtype: torch.dtype) -> Callable[[], object]:
        net = transformers.GPT2LMHeadModel(shape).to(device, dtype).eval()
        options = {"do_sample": True, "top_k": 0, "top_p": poet.knobs.top_p, "temperature": poet.knobs.temperature}
        options |= {"max_new_tokens": FORM.size, "min_new_tokens": FORM.size, "use_cache": True}
        return lambda: net.generate(begin, attention_mask=torch.ones_like(begin), **options)

    return [writing(dtype) for dtype in sorted({torch.float32, quick_dtype(device)}, key=str)]


def work(net: Flagship) -> tuple[float, float]:
    """Operations, and bytes of weights read, that ROWS candidates take at the least."""
    matrices = sum(p.numel() for name, p in net.blocks.named_parameters() if p.ndim == 2 and "modulate" not in name)
    weighed = matrices + net.embedding.weight.numel()
    size = quick_dtype(net.embedding.weight.device).itemsize
    return 2.0 * weighed * (ROWS + read_of(ROWS)) * FORM.size, float(weighed * size * (FORM.size + 1))


def matrix_rate(dtype: torch.dtype, device: torch.device, size: int = 1536) -> float:
    """Operations a second of large matrix products."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    return 2 * size**3 / min(times(lambda: a @ b, 0.5))


def memory_rate(device: torch.device) -> float:
    """Bytes a second, read and written, of copying what no cache holds."""
    source = torch.ones(2**26, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / min(times(lambda: target.copy_(source), 0.5))


def start() -> tuple[float, float, float]:
    """Seconds until a fresh process has a Poet ready; MB resident after four poems, and at its highest before."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _START], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        ready = process.stdout.readline().strip() == "ready"
        seconds = time.perf_counter() - begun
        told = process.stdout.read().split()
    if not ready or len(told) != 2:
        raise RuntimeError("A fresh process could not load the poet.")
    return seconds, float(told[0]), float(told[1])


def resident() -> tuple[float, float]:
    """MB of memory this process holds, and its highest; nan where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan"), float("nan")
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    now, peak = (int(told[key].split()[0]) / 1e3 for key in ("VmRSS", "VmHWM"))
    return now, peak


def processor(device: torch.device) -> str:
    """The model of the processor, or of the GPU that is used, and nothing else of the machine."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def table(found: Result) -> str:
    """The result as text."""
    cores = os.cpu_count()
    how = "compiled for the machine" if found.compiled else "not compiled"
    lines = [f"{found.processor}, {found.threads} threads on {cores} cores, {found.dtype}, {how}", ""]
    lines.append(f"{'':24}{'median ms':>10}{'p95 ms':>10}{'ratio':>8}{'poems/s':>10}")
    for row in found.rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        rate = "" if row.rate is None else f"{row.rate:.1f}"
        lines.append(f"{row.what:24}{row.median:10.1f}{row.p95:10.1f}{ratio:>8}{rate:>10}")
    by = {row.what: row for row in found.rows}
    lines += ["", *found.missing, f"an extra line: {found.extra_line:.1f} ms"]
    if "(c) GPT-2, generate" in by:
        lines.append(f"times faster than GPT-2: {by['(c) GPT-2, generate'].median / found.poem:.1f}")
    lines.append(
        f"times the floor: {found.poem / by['(d) floor'].median:.1f}"
        f" ({found.floor['operations'] / 1e9:.2f} G operations at {found.matrix / 1e9:.0f} G/s,"
        f" {found.floor['bytes'] / 1e6:.0f} MB at {found.memory / 1e9:.1f} GB/s)"
    )
    lines.append(f"start to ready: {found.start:.1f} s; resident: {found.resident:.0f} MB, at most {found.peak:.0f} MB")
    return "\n".join(lines)


def to_json(found: Result) -> str:
    return json.dumps(dataclasses.asdict(found))


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
