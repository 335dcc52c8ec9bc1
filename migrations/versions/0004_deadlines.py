"""Calendars with the national holidays of 2025–2028, and readings of doubtful terms."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004_deadlines"
down_revision = "0003_forms"
branch_labels = None
depends_on = None

NORM = "D. Leg. 713, art. 6"
FIXED = (
    (1, 1, "Año Nuevo"),
    (5, 1, "Día del Trabajo"),
    (6, 7, "Batalla de Arica y Día de la Bandera"),
    (6, 29, "San Pedro y San Pablo"),
    (7, 23, "Día de la Fuerza Aérea del Perú"),
    (7, 28, "Fiestas Patrias"),
    (7, 29, "Fiestas Patrias"),
    (8, 6, "Batalla de Junín"),
    (8, 30, "Santa Rosa de Lima"),
    (10, 8, "Combate de Angamos"),
    (11, 1, "Todos los Santos"),
    (12, 8, "Inmaculada Concepción"),
    (12, 9, "Batalla de Ayacucho"),
    (12, 25, "Navidad"),
)
MAUNDY_THURSDAYS = (date(2025, 4, 17), date(2026, 4, 2), date(2027, 3, 25), date(2028, 4, 13))


def upgrade() -> None:
    days = op.create_table(
        "portal_calendar_day",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "national",
                "regional",
                "provincial",
                "judiciary",
                "entity",
                name="scope",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday",
                "non_working",
                "suspension",
                name="daykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("norm", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("counts_as_business", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column(
            "withdrawal_reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["portal_user.id"], name=op.f("fk_portal_calendar_day_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["portal_user.id"], name=op.f("fk_portal_calendar_day_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_calendar_day")),
    )
    op.create_index(
        "uq_portal_calendar_day_current",
        "portal_calendar_day",
        ["day", "scope", "key"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "portal_term_reading",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "hours",
                "business_days",
                "calendar_days",
                "months",
                name="unit",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["portal_user.id"], name=op.f("fk_portal_term_reading_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_term_reading")),
        sa.UniqueConstraint("rule_code", name=op.f("uq_portal_term_reading_rule_code")),
    )
    op.bulk_insert(days, [_holiday(*each) for each in _holidays()])


def _holidays() -> list[tuple[date, str]]:
    found = []
    for thursday in MAUNDY_THURSDAYS:
        found += [(date(thursday.year, month, day), title) for month, day, title in FIXED]
        found += [(thursday, "Jueves Santo"), (thursday + timedelta(days=1), "Viernes Santo")]
    return sorted(found)


def _holiday(day: date, title: str) -> dict[str, object]:
    return {
        "row_version": 1,
        "id": uuid4(),
        "day": day,
        "scope": "national",
        "key": "",
        "kind": "holiday",
        "title": title,
        "norm": NORM,
        "counts_as_business": False,
        "entered_at": datetime(2026, 1, 1, tzinfo=UTC),
        "withdrawal_reason": "",
    }


def downgrade() -> None:
    op.drop_table("portal_term_reading")
    op.drop_index("uq_portal_calendar_day_current", table_name="portal_calendar_day")
    op.drop_table("portal_calendar_day")
