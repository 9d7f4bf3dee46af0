"""What is recorded on a GPU and replayed gives what it gives when it is done anew."""

from __future__ import annotations

import pytest
import torch

from tests.vae import small
from vae import weights
from vae.nets.batch import Batch, Losses
from vae.poem import Form
from vae.recording import Recorder


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_gradients_of_any_batch_are_those_of_the_loss() -> None:
    torch.manual_seed(0)
    net = weights.build(small.ANCESTOR).to("cuda")

    def loss(batch: Batch, progress: torch.Tensor) -> Losses:  # without chance
        mu, logvar = net.encode(batch.form, batch.ids)
        return Losses((mu.square() + logvar).mean() * (1 + progress), {})

    diet = small.diet(forms=(Form.WUJUE, Form.QIJUE))
    recorder = Recorder(net, loss)
    for step in range(6):
        batch = diet.batch(step)
        told = recorder(batch, step / 6).total
        found = [parameter.grad.clone() for parameter in net.parameters()]
        true = loss(batch.to("cuda"), torch.tensor(step / 6, device="cuda")).total
        wanted = torch.autograd.grad(true, list(net.parameters()), allow_unused=True)
        assert torch.allclose(told, true)
        for gradient, right in zip(found, wanted, strict=True):
            assert torch.allclose(gradient, torch.zeros_like(gradient) if right is None else right, atol=1e-6)
