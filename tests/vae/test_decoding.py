"""The decoder that writes says what the decoder that learned says, and says it of each row whatever stands beside it."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from tests.vae import small
from vae import weights
from vae.nets.alone import quick_dtype
from vae.nets.decoding import Decoder
from vae.nets.flagship import Flagship
from vae.nets.program import Draw
from vae.nucleus import USED, Wants
from vae.poem import Form

DTYPES = sorted({torch.float32, quick_dtype(torch.device("cpu"))}, key=str)


@pytest.fixture(scope="module")
def shipped() -> Flagship:
    net, _ = weights.load(weights.shipped())
    assert isinstance(net, Flagship)
    return net


def poems(net: Flagship, form: Form, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Codes, characters of the poems' own liking, and hints."""
    torch.manual_seed(1)
    z = torch.randn(count, net.config.latent)
    nothing = torch.zeros(count, form.size, dtype=torch.long)
    hints = net.hints(form, nothing, nothing, nothing[:, 0])
    for place in range(form.size):
        before = functional.pad(nothing[:, :place], (1, 0))
        scores = net.characters(net.decode(before, hints[:, : place + 1], z[:, None])[:, -1])
        nothing[:, place] = torch.multinomial(scores.softmax(-1), 1)[:, 0]
    return z, nothing, hints


def log_p(decoder: Decoder, hints: torch.Tensor, z: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    writing, before = decoder.begin(hints, z), functional.pad(ids, (1, 0))
    hidden = [decoder.step(writing, before[:, place]) for place in range(ids.shape[1])]
    return torch.stack([decoder.scores(some) for some in hidden], 1).log_softmax(-1)


@torch.inference_mode()
def test_in_float32_it_is_the_net_that_learned() -> None:
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP).eval()
    assert isinstance(net, Flagship)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    z, ids, hints = poems(net, Form.WUJUE, 3)
    decoder, before = Decoder(net, torch.float32), functional.pad(ids[:, :-1], (1, 0))
    learned = net.characters(net.decode(before, hints, z[:, None])).log_softmax(-1)
    assert torch.allclose(log_p(decoder, hints, z, ids), learned, atol=1e-3)
    own = learned.gather(2, ids[..., None])[..., 0]
    assert torch.allclose(decoder.log_p(hints, ids, z), own, atol=1e-3)
    silent = net.characters(net.decode(before, hints, net.no_code.expand(3, 1, -1))).log_softmax(-1)
    assert torch.allclose(decoder.log_p(hints, ids), silent.gather(2, ids[..., None])[..., 0], atol=1e-3)


@torch.inference_mode()
@pytest.mark.parametrize("stands", [1, 2, 13])
def test_what_stands_is_taken_in_at_once_and_gone_on_from_in_many_ways(shipped: Flagship, stands: int) -> None:
    z, ids, hints = poems(shipped, Form.WUJUE, 3)
    decoder, order = Decoder(shipped, torch.float32), torch.tensor([2, 0, 0, 1, 2, 2])
    stepped = log_p(decoder, hints, z, ids)[order]
    writing = decoder.begin(hints, z)
    decoder.take_in(writing, ids[:, :stands])
    decoder.reorder(writing, order)
    for place in range(stands, Form.WUJUE.size):
        said = decoder.scores(decoder.step(writing, ids[order, place - 1])).log_softmax(-1)
        assert torch.allclose(said, stepped[:, place], atol=1e-3)


@torch.inference_mode()
def test_fewer_bits_cost_no_nats(shipped: Flagship) -> None:
    z, ids, _ = poems(shipped, Form.QIJUE, 32)
    exact, quick = (Decoder(shipped, dtype) for dtype in (torch.float32, quick_dtype(torch.device("cpu"))))
    nothing = torch.zeros_like(ids)
    hints, quick_hints = (decoder.hints(Form.QIJUE, nothing, nothing, nothing[:, 0]) for decoder in (exact, quick))
    both = ((exact, hints), (quick, quick_hints))
    own = [log_p(decoder, told, z, ids).gather(2, ids[..., None]).mean() for decoder, told in both]
    assert abs(own[0] - own[1]) < 0.005
    nobody = [decoder.log_p(told, ids).mean() for decoder, told in both]
    assert abs(nobody[0] - nobody[1]) < 0.005


@torch.inference_mode()
def test_the_draw_that_is_to_be_compiled_draws_what_the_other_does(shipped: Flagship) -> None:
    rows, vocabulary = 16, shipped.config.vocabulary
    plain, to_compile = Decoder(shipped, torch.float32), Draw(Decoder(shipped, torch.float32))
    generator = torch.Generator().manual_seed(3)
    hidden = functional.normalize(torch.randn(rows, shipped.config.width, generator=generator), dim=1)
    chance = torch.rand(rows, vocabulary, generator=generator)
    likeliest = plain.scores(hidden).argmax(1)
    again = torch.where(torch.arange(rows) % 2 > 0, likeliest, 0)
    added = (chance < 0.1) * USED
    added[torch.arange(rows), likeliest] = USED
    wants = Wants(added, chance > 0.5, again)
    wants.forbidden[torch.arange(rows), likeliest] = False
    heat, numbers = 0.3 + torch.rand(rows, 1, generator=generator), torch.rand(rows, generator=generator)
    expected = plain.draw(hidden, wants, heat, numbers, 0.9)
    octets = wants.forbidden.view(torch.uint8)
    drawn, log_p, *_ = to_compile(hidden, added, octets, again, heat, numbers, torch.tensor(0.9))
    assert torch.equal(drawn, expected[0])
    assert torch.allclose(log_p, expected[1], atol=1e-4)
    assert not wants.forbidden.gather(1, drawn[:, None]).any()
    stood_before = added.gather(1, drawn[:, None])[:, 0] < 0
    assert (~stood_before | (drawn == again)).all()


def unasked(net: Flagship, form: Form) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Codes and ids of 48 poems, and as many of which nothing is given nor asked."""
    z, ids, _ = poems(net, form, 48)
    return z, ids, torch.zeros_like(ids)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@torch.inference_mode()
def test_the_rest_is_the_same_to_the_bit_when_poems_come_to_their_end(shipped: Flagship, dtype: torch.dtype) -> None:
    form, decoder = Form.COUPLET7, Decoder(shipped, dtype)
    z, ids, nothing = unasked(shipped, form)
    hints, before = decoder.hints(form, nothing, nothing, nothing[:, 0]), functional.pad(ids, (1, 0))
    whole = log_p(decoder, hints, z, ids)
    writing = decoder.begin(hints, z)
    for place in range(form.size):
        rows = {0: 48, 1: 33, 2: 17, 3: 5}[place // 4]
        scores = decoder.scores(decoder.step(writing, before[:rows, place]))
        assert torch.equal(scores.log_softmax(-1), whole[:rows, place])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@torch.inference_mode()
def test_a_row_is_the_same_to_the_bit_whatever_stands_beside_it(shipped: Flagship, dtype: torch.dtype) -> None:
    form, decoder = Form.COUPLET7, Decoder(shipped, dtype)
    z, ids, nothing = unasked(shipped, form)
    hints = decoder.hints(form, nothing, nothing, ids[:, 0] % 30)
    together, own, nobody = log_p(decoder, hints, z, ids), decoder.log_p(hints, ids, z), decoder.log_p(hints, ids)
    for rows in (slice(0, 1), slice(1, 4), slice(5, 12), slice(16, 33)):
        alone = decoder.hints(form, nothing[rows], nothing[rows], ids[rows, 0] % 30)
        assert torch.equal(alone, hints[rows])
        assert torch.equal(log_p(decoder, alone, z[rows], ids[rows]), together[rows])
        assert torch.equal(decoder.log_p(alone, ids[rows]), nobody[rows])
        assert torch.equal(decoder.log_p(alone, ids[rows], z[rows]), own[rows])
