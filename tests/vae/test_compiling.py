"""The decoder compiled for this machine: it says what the other says, and where it cannot be had nothing is lost.

Compiling takes most of a minute, so these want `--full-scale`; `python -m vae compile` looks at what it made each time.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import _inductor as inductor

from tests.vae import small
from tests.vae.test_selection import candidates, judges, rows_of
from vae import compiling, integrity, weights
from vae.errors import NotCompiled
from vae.nets.decoding import Decoder
from vae.nets.flagship import Flagship
from vae.nets.program import CompiledDecoder, Programs
from vae.nets.reader import Reader, ReaderConfig
from vae.poem import Form
from vae.selection import MARKS, Judge

pytestmark = pytest.mark.skipif(
    shutil.which(os.environ.get("CXX", "g++")) is None, reason="there is no C++ compiler here"
)


@dataclass(frozen=True)
class Compiled:
    net: Flagship
    path: Path
    model: str
    folder: Path

    @property
    def programs(self) -> Programs:
        found = compiling.found(self.model, self.folder)
        assert found
        return found


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Compiled:
    if not pytestconfig.getoption("--full-scale"):
        pytest.skip("compiling takes most of a minute: --full-scale")
    folder = tmp_path_factory.mktemp("compiled")
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    (path,) = weights.save(net, folder, "flagship")
    loaded, model = weights.load(path)
    assert isinstance(loaded, Flagship)
    compiling.compile_net(path, folder / "programs")
    return Compiled(loaded, path, model, folder / "programs")


@torch.inference_mode()
def test_poems_that_end_leave_the_rest_as_they_were(compiled: Compiled) -> None:
    plain, quick = Decoder(compiled.net), CompiledDecoder(compiled.net, compiled.programs)
    form, rows = Form.COUPLET, 9
    codes, ids = torch.randn(rows, compiled.net.config.latent), torch.randint(5, 300, (rows, form.size))
    nothing = torch.zeros_like(ids)
    hints = plain.hints(form, nothing, nothing, nothing[:, 0])
    written = {}
    for decoder in (plain, quick):
        writing = decoder.begin(hints, codes)
        for place in range(form.size):
            left = max(1, rows - place)
            hidden = decoder.step(writing, ids[:left, place - 1] if place else nothing[:, 0])
            written[decoder, place] = decoder.scores(hidden).log_softmax(-1)
    for place in range(form.size):
        assert torch.allclose(written[quick, place], written[plain, place], atol=0.15)


@torch.inference_mode()
@pytest.mark.parametrize("left", [9, 6, 2])
def test_a_row_goes_on_from_what_another_has_written(compiled: Compiled, left: int) -> None:
    plain, quick = Decoder(compiled.net), CompiledDecoder(compiled.net, compiled.programs)
    form, rows = Form.COUPLET, 9
    codes, ids = torch.randn(rows, compiled.net.config.latent), torch.randint(5, 300, (rows, form.size))
    nothing = torch.zeros_like(ids)
    hints, order = plain.hints(form, nothing, nothing, nothing[:, 0]), torch.tensor([4, 4, 0, 8, 8, 8, 1, 2, 3])[:left]
    straight, crossing = plain.begin(hints, codes), quick.begin(hints, codes)
    for place in range(form.size):
        previous = ids[:, place - 1] if place else nothing[:, 0]
        hidden = plain.step(straight, previous)
        if place == 4:
            quick.reorder(crossing, order)
        other = quick.step(crossing, previous[order] if place >= 4 else previous)
    expected = plain.scores(hidden).log_softmax(-1)[order]
    assert torch.allclose(quick.scores(other).log_softmax(-1), expected, atol=0.15)


@torch.inference_mode()
@pytest.mark.parametrize("form", [Form.COUPLET, Form.QILV])
@pytest.mark.parametrize("rows", [34, 70])
def test_rows_stand_alone_and_say_what_they_should(compiled: Compiled, form: Form, rows: int) -> None:
    compiling.check(compiled.net, compiled.programs, form, rows)


def test_programs_of_another_net_are_told_from_these(compiled: Compiled) -> None:
    torch.manual_seed(1)
    other = weights.build(small.FLAGSHIP)
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    assert isinstance(other, Flagship)
    with pytest.raises(NotCompiled, match="something else"):
        compiling.check(other, compiled.programs)
    assert compiling.found("0123456789ab", compiled.folder) is None


@pytest.mark.parametrize("name", ["step.so", integrity.LIST])
def test_what_is_damaged_is_told_and_done_without(
    compiled: Compiled, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    shutil.copytree(compiled.folder, tmp_path / "programs")
    (file,) = (tmp_path / "programs").glob(f"*/{name}")
    file.write_bytes(file.read_bytes()[:1000] if name == "step.so" else b"\xff")
    assert compiling.found(compiled.model, tmp_path / "programs") is None
    file.unlink()
    assert compiling.found(compiled.model, tmp_path / "programs") is None
    assert [record.getMessage().partition("; ")[2] for record in caplog.records] == [
        "`python -m vae compile` makes it anew."
    ] * 2


def test_what_another_version_made_is_told_and_done_without(
    compiled: Compiled, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (made,) = compiled.folder.iterdir()
    shutil.copytree(made, tmp_path / f"{compiled.model}-0123456789ab")
    assert compiling.found(compiled.model, tmp_path) is None
    assert "another version or processor" in caplog.text
    assert compiling.found("0123456789ab", tmp_path) is None
    assert len(caplog.records) == 1


def test_without_a_compiler_the_programs_of_before_stay(compiled: Compiled) -> None:
    before = sorted(compiled.folder.rglob("*"))
    nowhere = inductor.config.patch({"cpp.cxx": ("no-such-compiler",)})
    with nowhere, pytest.raises(NotCompiled, match="cannot be compiled here"):
        compiling.compile_net(compiled.path, compiled.folder)
    assert sorted(compiled.folder.rglob("*")) == before


@torch.inference_mode()
def test_the_nets_that_judge_mark_the_same_compiled(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("--full-scale"):
        pytest.skip("compiling takes most of a minute: --full-scale")
    drawn = judges()
    of_two = [weights.save(net, tmp_path, net.config.kind)[0] for net in drawn[:2]]
    reader = Reader(ReaderConfig(drawn.reader.config.width, weights.load_coherence(of_two[1])[1]))
    reader.load_state_dict(drawn.reader.state_dict())
    files = weights.JudgesFiles(*of_two, *weights.save(reader, tmp_path, "reader"))
    compiling.compile_jury(files, tmp_path / "programs")
    nets, model = weights.load_judges(files)
    program = compiling.found_jury(model, tmp_path / "programs")
    assert program
    plain, quick = (Judge.of(nets, dict.fromkeys(MARKS, 1.0), by) for by in (None, program))
    for lines in (1, 2, 3, 4):
        found = rows_of(candidates(24, 4), slice(None), lines)
        expected = plain.scores(found)
        assert (quick.scores(found) - expected).abs().mean() < 0.05 * expected.std()
        for some in (slice(0, 1), slice(1, 4), slice(17, 64)):
            assert torch.equal(quick.scores(rows_of(found, some, lines)), quick.scores(found)[some])


def test_only_a_flagship_is_compiled(tmp_path: Path) -> None:
    (path,) = weights.save(weights.build(small.ANCESTOR), tmp_path, "ancestor")
    with pytest.raises(NotCompiled, match="only a flagship"):
        compiling.compile_net(path, tmp_path / "programs")
    assert not (tmp_path / "programs").exists()
