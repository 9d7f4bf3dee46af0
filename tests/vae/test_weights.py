"""Weights files: what is saved is loaded, and what cannot be loaded is named."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.vae import small
from tests.vae.full_disk import files_of_at_most
from vae import weights
from vae.errors import Unwritten, WeightsError
from vae.nets.ancestor import AncestorConfig
from vae.nets.flagship import Flagship
from vae.poet import Poet


def saved(folder: Path, config=small.FLAGSHIP) -> tuple[weights.Net, list[Path]]:
    torch.manual_seed(1)
    net = weights.build(config)
    return net, weights.save(net, folder, "net")


def header_of(file: Path) -> dict[str, str]:
    with safe_open(file, framework="pt") as part:
        return part.metadata()


@pytest.mark.parametrize("config", [small.ANCESTOR, small.FLAGSHIP], ids=lambda config: config.kind)
def test_a_net_survives_its_file_in_half_precision(tmp_path: Path, config) -> None:
    net, files = saved(tmp_path, config)
    loaded, _ = weights.load(files[0])
    assert loaded.config == config
    for name, tensor in net.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor.half().float()), name


WIDE = AncestorConfig(len(small.VOCABULARY), width=64, latent=8, layers=2)


@given(st.lists(st.sampled_from([0.0, 1e-9, 1e-4, 1.0, 300.0]), min_size=1, max_size=8))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_large_matrix_is_rounded_within_its_rows_and_only_once(tmp_path: Path, sizes: list[float]) -> None:
    torch.manual_seed(1)
    net = weights.build(WIDE)
    name, matrix = next((n, p) for n, p in net.named_parameters() if p.ndim == 2 and p.numel() >= weights.COARSE_FROM)
    with torch.no_grad():
        matrix[: len(sizes)] = torch.randn(len(sizes), matrix.shape[1]) * torch.tensor(sizes)[:, None]
    loaded, digest = weights.load(weights.save(net, tmp_path, "net")[0])
    found = loaded.state_dict()[name]
    step = matrix.abs().amax(1, keepdim=True) / 127
    assert ((found - matrix).abs() <= 0.75 * step).all()
    assert weights.load(weights.save(loaded, tmp_path / "again", "net")[0])[1] == digest


def test_large_matrices_take_a_byte_a_number(tmp_path: Path) -> None:
    _, files = saved(tmp_path, WIDE)
    numbers = sum(tensor.numel() for tensor in weights.build(WIDE).state_dict().values())
    assert files[0].stat().st_size < 1.5 * numbers


@pytest.mark.parametrize("what", ["none", "huge", "of another shape"])
def test_a_matrix_whose_scale_is_not_its_own_is_refused(tmp_path: Path, what: str) -> None:
    _, files = saved(tmp_path, WIDE)
    tensors, header = load_file(files[0]), header_of(files[0])
    scale = next(key for key in tensors if tensors[key].dtype == torch.float32)
    if what == "none":
        del tensors[scale]
    else:
        tensors[scale] = torch.full_like(tensors[scale], 3e38) if what == "huge" else tensors[scale][:-1].contiguous()
    save_file(tensors, files[0], metadata=header)
    with pytest.raises(WeightsError):
        weights.load(files[0])


def test_a_large_net_is_parted_and_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = saved(tmp_path)
    monkeypatch.setattr(weights, "PART_LIMIT", 20_000)
    _, files = saved(tmp_path)
    assert len(files) > 2
    assert sorted(tmp_path.iterdir()) == sorted(files)
    loaded, _ = weights.load(files[0])
    assert all(torch.equal(loaded.state_dict()[k], v.half().float()) for k, v in whole.state_dict().items())
    files[1].unlink()
    with pytest.raises(WeightsError, match="no such file"):
        weights.load(files[0])


def test_parts_of_two_nets_are_not_read_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PART_LIMIT", 20_000)
    _, files = saved(tmp_path)
    others = weights.save(weights.build(small.FLAGSHIP), tmp_path / "other", "net")
    for first, second in ((others[0], files[0]), (files[-1], others[-1])):
        shutil.copy(first, second)
    for mixed in (files[0], others[0]):
        with pytest.raises(WeightsError, match="saved together"):
            weights.load(mixed)


def test_files_that_do_not_tell_their_save_load_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PART_LIMIT", 20_000)
    _, files = saved(tmp_path)
    _, digest = weights.load(files[0])
    for file in files:
        header = header_of(file)
        save_file(load_file(file), file, {"config": header["config"], "parts": header["parts"]})
    assert weights.load(files[0])[1] == digest


def test_a_full_disk_leaves_the_net_that_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PART_LIMIT", 20_000)
    _, files = saved(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    room = max(map(len, before.values())) - 1
    assert len(before[files[0]]) <= room  # it is not the first file that fails
    with files_of_at_most(room), pytest.raises(Unwritten, match="cannot be written"):
        weights.save(weights.build(small.FLAGSHIP), tmp_path, "net")
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("number", [torch.nan, torch.inf, 1e6])
def test_numbers_that_are_none_in_half_precision_are_neither_saved_nor_read(tmp_path: Path, number: float) -> None:
    net, (file,) = saved(tmp_path)
    content = file.read_bytes()
    with torch.no_grad():
        net.embedding.weight[3, 5] = number
    with pytest.raises(Unwritten, match=r"embedding\.weight"):
        weights.save(net, tmp_path, "net")
    assert file.read_bytes() == content
    save_file({name: tensor.half() for name, tensor in net.state_dict().items()}, file, header_of(file))
    with pytest.raises(WeightsError, match=r"embedding\.weight"):
        weights.load(file)


def test_a_net_grows_from_one_without_its_newest_parts(tmp_path: Path) -> None:
    old, files = saved(tmp_path, dataclasses.replace(small.FLAGSHIP, pair_bits=0))
    grown = weights.build(small.FLAGSHIP).eval()
    weights.grow(grown, files[0])
    for name, tensor in old.state_dict().items():
        assert torch.equal(grown.state_dict()[name], tensor.half().float()), name
    loaded, _ = weights.load(files[0])
    assert isinstance(grown, Flagship)
    assert isinstance(loaded, Flagship)
    ids, z = torch.randint(1, 300, (2, 9)), torch.randn(2, 1, small.FLAGSHIP.latent)
    told = torch.randn(2, 9, small.FLAGSHIP.width)
    with torch.no_grad():  # the new parts are silent until they are trained
        assert torch.equal(grown.decode(ids, told, z), loaded.decode(ids, told, z))


def test_a_net_grows_more_layers_and_wider_ones_and_says_what_it_said(tmp_path: Path) -> None:
    _, files = saved(tmp_path, small.FLAGSHIP)
    more = dataclasses.replace(small.FLAGSHIP, layers=3, mlp=7)
    grown = weights.build(more).eval()
    weights.grow(grown, files[0])
    loaded, _ = weights.load(files[0])
    assert isinstance(grown, Flagship)
    assert isinstance(loaded, Flagship)
    ids, z = torch.randint(1, 300, (2, 9)), torch.randn(2, 1, more.latent)
    told = torch.randn(2, 9, more.width)
    with torch.no_grad():
        assert torch.allclose(grown.decode(ids, told, z), loaded.decode(ids, told, z), atol=1e-5)


def test_a_net_grows_from_none_that_is_larger(tmp_path: Path) -> None:
    _, files = saved(tmp_path, dataclasses.replace(small.FLAGSHIP, mlp=5))
    with pytest.raises(WeightsError, match="grow"):
        weights.grow(weights.build(small.FLAGSHIP), files[0])


@pytest.mark.parametrize(
    "other", [small.ANCESTOR, dataclasses.replace(small.FLAGSHIP, width=16)], ids=["kind", "shape"]
)
def test_a_net_grows_from_none_of_another_kind_or_shape(tmp_path: Path, other) -> None:
    _, files = saved(tmp_path, other)
    with pytest.raises(WeightsError, match="grow"):
        weights.grow(weights.build(small.FLAGSHIP), files[0])


def test_the_hash_names_the_weights(tmp_path: Path) -> None:
    net, files = saved(tmp_path)
    first = weights.load(files[0])[1]
    assert weights.load(weights.save(net, tmp_path / "again", "net")[0])[1] == first
    with torch.no_grad():
        next(net.parameters()).add_(1)
    assert weights.load(weights.save(net, tmp_path, "net")[0])[1] != first


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=64))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_in_the_header_is_a_clear_error_or_harmless(tmp_path: Path, at: int, noise: bytes) -> None:
    _, files = saved(tmp_path)
    content = bytearray(files[0].read_bytes())
    at %= 2000
    content[at : at + len(noise)] = noise
    files[0].write_bytes(content)
    try:
        weights.load(files[0])
    except WeightsError as error:
        assert str(files[0]) in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "config",
    [
        {"heads": 0},
        {"heads": -2},
        {"heads": 3},
        {"heads": 2.0},
        {"width": 10**6},
        {"latent": 10**9},
        {"layers": 10**9},
        {"encoder_layers": 10**9},
        {"mlp": 10**6},
        {"pair_bits": 40},
        {"pair_bits": 10**15},
        {"pair_depth": 10**12},
        {"vocabulary": -1},
        {"rhyme_groups": 10**9},
        {"kind": []},
    ],
    ids=str,
)
def test_a_header_that_tells_of_no_net_of_its_files_is_refused(tmp_path: Path, config: dict[str, object]) -> None:
    _, (file,) = saved(tmp_path)
    header = header_of(file)
    header["config"] = json.dumps(json.loads(header["config"]) | config)
    save_file(load_file(file), file, header)
    with pytest.raises(WeightsError, match="no net of ours"):
        weights.load(file)


@pytest.mark.parametrize("parts", ["0", "-1", str(10**9), "many"])
def test_a_header_that_tells_of_no_number_of_parts_is_refused(tmp_path: Path, parts: str) -> None:
    _, (file,) = saved(tmp_path)
    save_file(load_file(file), file, header_of(file) | {"parts": parts})
    with pytest.raises(WeightsError, match="no net of ours"):
        weights.load(file)


def test_weights_of_another_rhyme_book_are_refused(tmp_path: Path) -> None:
    _, files = saved(tmp_path, dataclasses.replace(small.FLAGSHIP, rhyme_groups=14))
    with pytest.raises(WeightsError, match="14 rhyme groups"):
        weights.load(files[0])


def test_files_that_are_no_weights_are_refused_by_name(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.safetensors"
    save_file({"x": torch.zeros(2)}, foreign)
    text = tmp_path / "text.safetensors"
    text.write_text("明月")
    for path in (foreign, text, tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(WeightsError, match=path.name):
            Poet.load(path)


def test_weights_of_another_vocabulary_are_refused(tmp_path: Path) -> None:
    _, files = saved(tmp_path)
    with pytest.raises(WeightsError, match="characters"):
        Poet.load(files[0])


@pytest.mark.parametrize("name", ["flagship", "ancestor", "couplet"])
def test_the_weights_that_ship_load_and_are_small(name: str) -> None:
    path = weights.shipped(name)
    net, _ = weights.load(path)
    assert all(torch.isfinite(tensor).all() for tensor in net.state_dict().values())
    assert all(file.stat().st_size <= 15_000_000 for file in path.parent.glob(f"{name}*"))
