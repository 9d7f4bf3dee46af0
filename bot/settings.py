"""Every knob, typed, from the environment and `.env`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

Level = Literal["debug", "info", "warning", "error"]
MOST_SHARDS = 16_384
_SQLITE = re.compile(r"sqlite(\+aiosqlite)?:///(?P<path>[^?#]+)")
_SPAN = re.compile(r"\s*(?P<first>[0-9]{1,5})\s*(-\s*(?P<last>[0-9]{1,5})\s*)?")
_POSTGRES = re.compile(r"(postgres|postgresql|postgresql\+asyncpg)://[^\s/?#]*/[^\s/?#]+(\?\S*)?")

_RAY = re.compile(r"auto|local|(ray://)?([^\s/:]+|\[[0-9a-fA-F:]+\]):\d{1,5}")


class Settings(BaseSettings):
    """Each field is the variable of the same name in capitals; its description says what it may hold."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    discord_token: SecretStr | None = Field(default=None, description="the token of a Discord bot, in one piece")
    database_url: str = Field(
        default="sqlite:///data/lanting.db",
        description="sqlite:/// and the path of a file, or postgresql:// and a PostgreSQL database",
    )
    weights: Path | None = Field(default=None, description="the path of a weights file")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto, cpu or cuda")
    torch_threads: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        default=None, description="a number from 1 to 1024"
    )
    ray_address: str | None = Field(
        default=None, description="auto, local, or a Ray cluster's address, HOST:PORT or ray://HOST:PORT"
    )
    replicas: int = Field(default=2, ge=1, le=1024, description="a number from 1 to 1024")
    queue_limit: int = Field(default=64, ge=1, le=10_000, description="a number from 1 to 10000")
    wish_timeout: float = Field(default=30, gt=0, le=840, description="seconds, more than 0 and at most 840")
    person_quota: int = Field(default=30, ge=25, le=1_000_000, description="poems a minute, from 25 to 1000000")
    server_quota: int = Field(default=120, ge=25, le=1_000_000, description="poems a minute, from 25 to 1000000")
    shard_count: Annotated[int, Field(ge=1, le=MOST_SHARDS)] | None = Field(
        default=None, description=f"the number of the bot's shards, 1 to {MOST_SHARDS}"
    )
    shard_ids: Annotated[tuple[int, ...] | None, NoDecode] = Field(
        default=None,
        description="the shards of this process, each once, such as 0,1 or 0-3: less than SHARD_COUNT, which must be set",
    )
    port: int | None = Field(default=None, ge=1, le=65535, description="a port's number, 1 to 65535")
    shutdown_timeout: float = Field(default=10, ge=1, le=600, description="seconds, from 1 to 600")
    log_level: Level | None = Field(default=None, description="debug, info, warning or error")
    log_text: bool = Field(default=False, description="1 or 0")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in trimmed.items() if value != ""}

    @field_validator("device", "log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("discord_token")
    @classmethod
    def _one_piece(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"[!-~]+", token.get_secret_value()):
            raise ValueError("holds spaces or characters that no token has")
        return token

    @field_validator("ray_address")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not _RAY.fullmatch(address):
            raise ValueError("is no address of a Ray cluster")
        return address

    @field_validator("database_url")
    @classmethod
    def _one_of_two(cls, url: str) -> str:
        matched = _SQLITE.fullmatch(url)
        if _POSTGRES.fullmatch(url) is None and (matched is None or matched["path"] == ":memory:" or "\0" in url):
            raise ValueError("is neither an SQLite file nor a PostgreSQL database")
        return url

    @field_validator("shard_ids", mode="before")
    @classmethod
    def _read_spans(cls, text: object) -> object:
        """`0-2,5` -> (0, 1, 2, 5)"""
        if not isinstance(text, str):
            return text
        spans = [_SPAN.fullmatch(part) for part in text.split(",")]
        if None in spans:
            raise ValueError("is no list of numbers")
        ends = [(int(span["first"]), int(span["last"] or span["first"])) for span in spans if span is not None]
        if any(not first <= last < MOST_SHARDS for first, last in ends):
            raise ValueError("is out of bounds")
        return tuple(shard for first, last in ends for shard in range(first, last + 1))

    @field_validator("shard_ids")
    @classmethod
    def _of_the_bot(cls, ids: tuple[int, ...] | None, others: ValidationInfo) -> tuple[int, ...] | None:
        if ids is None or "shard_count" not in others.data:  # a wrong SHARD_COUNT is told by itself
            return ids
        count = others.data["shard_count"]
        if count is None or len(set(ids)) < len(ids) or not all(0 <= shard < count for shard in ids):
            raise ValueError("does not go with SHARD_COUNT")
        return ids

    @property
    def all_shards(self) -> bool:
        """Whether this process is the whole bot."""
        return self.shard_ids is None or len(self.shard_ids) == self.shard_count

    @property
    def database(self) -> Path | str:
        """The file that DATABASE_URL names, relative to the working directory unless the URL has four slashes; or,
        for a PostgreSQL database, the URL."""
        matched = _SQLITE.fullmatch(self.database_url)
        return self.database_url if matched is None else Path(matched["path"])

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the token, and the password of a database."""
        token = () if self.discord_token is None else (self.discord_token.get_secret_value(),)
        return (*token, *re.findall(r"//[^/:@]*:([^/@]+)@", self.database_url))


def read_settings() -> Settings:
    """Raises SettingsError: one sentence for each variable that holds what it may not."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_url=False))
        values = {str(fault["loc"][0]): fault["input"] for fault in error.errors(include_url=False)}
        raise SettingsError(reason=" ".join(_fault(name, values[name]) for name in wrong)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(reason=f"The file .env cannot be read: {error}.") from None


def _fault(name: str, value: object) -> str:
    may_hold = Settings.model_fields[name].description
    if name == "discord_token":
        return f"DISCORD_TOKEN holds spaces or characters that no token has; it must be {may_hold}, or empty."
    held = repr(re.sub(r"//[^/]*@", "//***@", str(value))[:80])  # a database's URL may hold a password
    return f"{name.upper()} is {held}; it must be {may_hold}."
