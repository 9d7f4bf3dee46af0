"""`python -m vae`, as scripts and people call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from tests.vae.test_corpus import QUATRAIN, write_corpus
from vae.__main__ import cli, said_plainly


def vae(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "vae", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )


def test_written_poems_are_json_objects_a_line() -> None:
    done = vae("write", "--seed", "床前明月光", "--count", "2", "--random-seed", "7", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert {"form", "lines", "seed", "random_seed", "id"} <= first.keys()
    assert (first["form"], first["seed"], first["lines"][0]) == ("wujue", "床前明月光", "床前明月光")
    assert (first["random_seed"], second["random_seed"]) == (7, 8)
    assert first["id"] != second["id"]


def test_a_blend_tells_its_place_on_the_path() -> None:
    done = vae("blend", "大漠孤煙直", "小橋流水人家", "--steps", "3", "--json")
    assert done.returncode == 0
    assert [json.loads(line)["t"] for line in done.stdout.splitlines()] == [0, 0.5, 1]


def test_poems_are_checked_from_standard_input() -> None:
    done = vae("check", stdin="白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。\n")
    assert done.returncode == 0
    assert "仄" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["write", "--seed", ""], 2, "The seed is empty"),
        (["write", "--form", "haiku"], 2, "There is no form called haiku"),
        (["write", "--weights", "none.safetensors"], 5, "there is no such file"),
        (["write", "--table", "old"], 2, "There is no table called old"),
        (["blend", "明月", "🌙"], 2, "The second text holds no Chinese characters"),
        (["write", "--seed", "blockchain"], 2, "knows none of the words of the seed (blockchain)"),
        (["write", "--boldness", "reckless"], 2, "There is no boldness called reckless"),
        (["write", "--place", "2"], 2, "line number 2 and a wish without a seed"),
        (["write", "--device", "gpu"], 2, "There is no device here called gpu"),
        (["evaluate", "--form", "haiku"], 2, "There is no form called haiku"),
        (["evaluate", "--corpus", "nowhere"], 2, "The corpus at nowhere"),
        (["train", "--corpus", "nowhere"], 2, "The corpus at nowhere"),
        (["train", "--net", "oracle"], 2, "There is no net called oracle"),
        (["train", "--net", "critic", "--from", "nowhere"], 5, "nowhere"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    if arguments[0] == "train":
        arguments = [*arguments, "--out", str(tmp_path)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout


def test_the_process_ends_with_the_exit_code() -> None:
    done = vae("write", "--weights", "none.safetensors")
    assert (done.returncode, done.stdout) == (5, "")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "error",
    [MemoryError(), torch.OutOfMemoryError("of 80 GiB"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)
def test_want_of_memory_is_said_plainly(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, said_plainly():
        raise error
    assert caught.value.exit_code == 2
    assert "not enough memory" in capsys.readouterr().err


def test_training_goes_from_a_corpus_to_weights_that_write(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", QUATRAIN)
    out = tmp_path / "run"
    train = [
        "train",
        "--net",
        "couplet",
        "--corpus",
        str(tmp_path),
        "--out",
        str(out),
        "--steps",
        "2",
        "--device",
        "cpu",
    ]
    done = vae(*train)
    assert done.returncode == 0, done.stderr
    assert (out / "couplet.safetensors").exists()
    written = vae("write", "--form", "couplet", "--weights", str(out / "couplet.safetensors"), "--json")
    assert [len(line) for line in json.loads(written.stdout)["lines"]] == [5, 5]
    assert "Going on from step 2" in vae(*train).stderr
