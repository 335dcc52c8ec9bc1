"""Settings of the instance: environment `PORTAL_…` over `articula.toml` over safe defaults.

Unknown keys are errors, so that a misspelt setting is noticed at start-up.
"""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from portal.errors import OperatorError

# How many people should be able to open a backup, and the envelopes of the sealing key.
ENOUGH_RECIPIENTS = 2


class Mode(StrEnum):
    """How the instance runs; production refuses what must not be."""

    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class CopySystem(StrEnum):
    """An official system for whose form there is a sheet to copy."""

    SISPE = "sispe"
    SISDNA = "sisdna"


class CopyField(StrEnum):
    """What a sheet to copy may hold."""

    CODE = "code"
    RECEIVED = "received"
    SITUATION = "situation"
    DISTRICT = "district"
    UBIGEO = "ubigeo"
    SUMMARY = "summary"
    FIRST_SURNAME = "first_surname"
    SECOND_SURNAME = "second_surname"
    GIVEN_NAMES = "given_names"
    DOCUMENT = "document"
    NUMBER = "number"
    OTHER_DOCUMENTS = "other_documents"
    BORN_ON = "born_on"
    AGE = "age"
    SEX = "sex"
    REGISTRY_OFFICE = "registry_office"
    PEOPLE = "people"
    LANGUAGE = "language"
    INTERPRETER = "interpreter"
    DISABILITY = "disability"
    PREGNANCY = "pregnancy"
    OFFICIAL_CODE = "official_code"
    CAREGIVERS = "caregivers"
    PARENTS = "parents"


class Settings(BaseSettings):
    """Everything an operator may set. Times are minutes, hours or days as the name says."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="forbid", frozen=True)

    mode: Mode = Mode.PRODUCTION
    data_dir: Path = Path("instance")
    database_url: str = Field(default="", pattern=r"^(|sqlite:///.+|postgresql\+psycopg://.+)$")
    secret_key: str = Field(default="", repr=False)
    trail_file: Path | None = None
    key_file: Path | None = None
    files_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 8
    trusted_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    trusted_proxies: int = 0
    base_url: str = Field(default="", pattern=r"^(|https?://[^/?#]+)$")
    https: bool = True
    strict_plugins: bool = False
    agency_admin_switches_modules: bool = True
    second_factor: Literal["", "required", "offered"] = ""
    idle_minutes: int = 30
    platform_idle_minutes: int = 15
    shared_idle_minutes: int = 5
    absolute_hours: int = 12
    proof_minutes: int = 10
    emergency_per_day: int = 20
    identity_lookups_per_day: int = 10
    copies_per_day: int = 20
    copy_minutes: int = Field(default=15, ge=1, le=1440)
    copy_mb: int = Field(default=100, ge=1)
    histories_a_day: int = Field(default=5, ge=1)
    party_warning_days: int = 7
    draft_days: int = 7
    review_months: int = 6
    review_days: int = 30
    unused_days: int = 90
    files_an_hour: int = 20
    alert_unopened_minutes: int = 15
    referral_reminder_days: int = Field(default=2, ge=1)
    referral_coordinator_days: int = Field(default=2, ge=1)
    referral_head_days: int = Field(default=3, ge=1)
    referral_council_days: int = Field(default=5, ge=1)
    year_names: dict[int, str] = {}
    council_open_hours: int = 48
    council_brief_days: int = 5
    backup_recipients: list[str] = []
    weak_hash: bool = False
    copy_order: dict[CopySystem, list[CopyField]] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put arguments over the environment over the file."""
        file = Path(os.environ.get("PORTAL_CONFIG", "articula.toml"))
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=file),
        )

    @property
    def url(self) -> str:
        """Return the database address: the one set, else a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'portal.db').absolute()}"

    @property
    def requires_second_factor(self) -> bool:
        """Tell whether nobody works without a second factor: in production, unless set."""
        if self.second_factor:
            return self.second_factor == "required"
        return self.mode is Mode.PRODUCTION

    @property
    def key_path(self) -> Path:
        """Return where the sealing key lies, outside the database."""
        return self.key_file or self.data_dir / "keys" / "sealing.key"

    @property
    def files_path(self) -> Path:
        """Return where the files of documents lie; the machines of an instance share it."""
        return self.files_dir or self.data_dir / "files"


def as_environment(settings: Settings) -> dict[str, str]:
    """Return settings as the variables from which another process reads the same."""
    plain = settings.model_dump(mode="json", exclude_none=True)
    return {
        f"PORTAL_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in plain.items()
    }


def load_settings(**given: Any) -> Settings:
    """Read the settings; raises OperatorError naming the first key that is wrong."""
    unknown = [
        name
        for name in os.environ
        if name.startswith("PORTAL_")
        and name != "PORTAL_CONFIG"
        and name.removeprefix("PORTAL_").lower() not in Settings.model_fields
    ]
    if unknown:
        raise OperatorError(f"Unknown setting {unknown[0]}: remove it or correct its name.")
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise OperatorError(f"Setting {where} is wrong: {first['msg']}.") from error
