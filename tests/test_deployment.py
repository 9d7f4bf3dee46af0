"""What is written for hosts names what there is: jobs, files, exit codes, times."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from pathlib import Path

import yaml

from bot.cli import JOBS
from bot.errors import DiscordRefused, SettingsError, StoreError
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
SQLITE = Settings(_env_file=None)
WEIGHTS = 5


def lines(name: str) -> list[str]:
    """Of a file, without comments; what goes on in the next line is one."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def job_of(command: str) -> str:
    """`run` for a command that names none."""
    match shlex.split(command):
        case ["python", "-m", "bot", *words] | ["lanting" | "/opt/lanting/bin/lanting", *words]:
            return words[0] if words else "run"
        case _:
            raise AssertionError(command)


def test_the_procfile_migrates_and_then_runs():
    processes = dict(line.split(": ", 1) for line in lines("Procfile"))
    assert {name: job_of(command) for name, command in processes.items()} == {"release": "migrate", "worker": "run"}


def test_the_image_is_made_in_two_stages_runs_as_nobody_special_and_asks_for_health():
    said = lines("Dockerfile")
    assert [line.split()[0] for line in said].count("FROM") == 2
    last = said[max(i for i, line in enumerate(said) if line.startswith("FROM")) :]
    assert [line for line in last if line.startswith("USER")] == ["USER lanting"]
    assert any("org.opencontainers.image.version=$VERSION" in line for line in last)
    (health,) = [line for line in last if line.startswith("HEALTHCHECK")]
    (command,) = [line for line in last if line.startswith("CMD")]
    for line, job in ((health, "healthy"), (command, "run")):
        words = yaml.safe_load(line[line.index("[") :])
        assert job_of(shlex.join(words)) == job
        assert job in JOBS
    environment = dict(re.findall(r"([A-Z_]+)=(\S+)", next(line for line in last if line.startswith("ENV"))))
    assert Settings(_env_file=None, **{k.lower(): v for k, v in environment.items()}).database == Path(
        "/data/lanting.db"
    )
    version = (ROOT / ".python-version").read_text().strip()
    assert {line.split()[1] for line in said if line.startswith("FROM")} == {f"python:{version}-slim"}


def test_every_file_that_the_image_copies_is_there_and_not_ignored():
    copied = [word for line in lines("Dockerfile") if re.match("COPY (?!--from)", line) for word in line.split()[1:-1]]
    let_in = {line[1:] for line in lines(".dockerignore") if line.startswith("!")}
    assert set(copied) == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_installs_what_runs_for_the_processor_at_the_versions_of_the_lock():
    said = lines("requirements.txt")
    assert said == ["--extra-index-url https://download.pytorch.org/whl/cpu", "-c requirements.lock", ".[postgres]"]
    locked = {line.partition("==")[0].lower().replace("_", "-") for line in lines("requirements.lock")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    names = {re.split(r"[\[><=~!]", wish)[0].lower().replace("_", "-") for wish in wanted}
    assert names - locked == set()


def test_compose_keeps_the_poems_on_a_volume_and_gives_the_program_its_time():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    bot, postgres = compose["services"]["lanting"], compose["services"]["postgres"]
    assert bot["volumes"] == ["poems:/data"]
    assert set(compose["volumes"]) == {"poems", "postgres"}
    assert int(bot["stop_grace_period"].removesuffix("s")) > SQLITE.shutdown_timeout
    for name, default in re.findall(r"\$\{([A-Z_]+):-(.*)\}", "\n".join(bot["environment"].values())):
        assert Settings(_env_file=None, **{name.lower(): default}).model_fields_set == {name.lower()}
    assert postgres["profiles"] == ["postgres"]  # only where it is wanted


def test_systemd_does_not_start_again_what_a_start_does_not_mend():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string("\n".join(lines("deploy/lanting.service")))
    service = unit["Service"]
    hopeless = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert hopeless == {SettingsError.exit_code, DiscordRefused.exit_code, WEIGHTS}
    assert StoreError.exit_code not in hopeless  # a server of a database may come back
    assert service["Restart"] == "on-failure"
    assert int(service["TimeoutStopSec"]) > SQLITE.shutdown_timeout
    assert job_of(service["ExecStart"]) == "run"


def test_litestream_copies_the_file_that_the_program_writes():
    text = (ROOT / "deploy" / "litestream.yml").read_text(encoding="utf-8")
    (database,) = yaml.safe_load(text)["dbs"]
    assert Path(database["path"]) == SQLITE.database
    (restore,) = re.findall(r"litestream restore .* (\S+)$", text, re.MULTILINE)
    assert Path(restore) == SQLITE.database
    (command,) = re.findall(r'litestream replicate .*-exec "(.*)"', text)
    assert job_of(command) == "run"


def test_every_exit_code_is_told_where_people_look():
    codes = (SettingsError.exit_code, DiscordRefused.exit_code, StoreError.exit_code, WEIGHTS)
    assert codes == (2, 3, 4, 5)
    for name in ("README.md", "ARCHITECTURE.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        told = text.partition("Exit codes")[2][:700]
        assert [code for code in map(str, (0, 1, *codes)) if not re.search(rf"\b{code}\b", told)] == [], name
