"""Lists of children that become alerts, and on what they rest."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026_lists"
down_revision = "0025_truncate"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    _make_bases()
    _make_lists()
    _make_rows()
    with op.batch_alter_table("portal_alert") as batch:
        batch.add_column(sa.Column("list_id", sa.Uuid()))
        batch.create_foreign_key(
            "fk_portal_alert_list_id", "portal_alert_list", ["list_id"], ["id"]
        )
        batch.create_index("ix_portal_alert_list_id", ["list_id"])


def _make_bases() -> None:
    basis = "portal_list_basis"
    op.create_table(
        basis,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("listkind", "prisoners", "students", "orphans"), nullable=False),
        sa.Column("agreement", sqlmodel.AutoString(length=160), nullable=False),
        sa.Column("data_bank", sqlmodel.AutoString(length=80), nullable=False),
        sa.Column("opinion", sqlmodel.AutoString(length=1000), nullable=False),
        sa.Column("opinion_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", MOMENT(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        _key(basis, "agency_id", "portal_agency"),
        _key(basis, "opinion_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{basis}"),
    )
    op.create_index("ix_portal_list_basis_agency", basis, ["agency_id", "kind"])


def _make_lists() -> None:
    made = "portal_alert_list"
    op.create_table(
        made,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.AutoString(length=12), nullable=False),
        sa.Column("kind", _enum("listkind", "prisoners", "students", "orphans"), nullable=False),
        sa.Column(
            "state",
            _enum("liststate", "reading", "checked", "sending", "done", "cancelled", "unreadable"),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("basis_id", sa.Uuid()),
        sa.Column(
            "situation", _enum("situation", "risk", "unprotection", "undecided"), nullable=False
        ),
        sa.Column("district", sqlmodel.AutoString(length=6), nullable=False),
        sa.Column("telephone", sqlmodel.AutoString(length=20), nullable=False),
        sa.Column("locale", sqlmodel.AutoString(length=5), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary()),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("sends_doubles", sa.Boolean(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT()),
        sa.Column("emptied_at", MOMENT()),
        _key(made, "agency_id", "portal_agency"),
        _key(made, "author_id", "portal_user"),
        _key(made, "basis_id", "portal_list_basis"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{made}"),
        sa.UniqueConstraint("number", name=f"uq_{made}_number"),
    )
    op.create_index("ix_portal_alert_list_agency", made, ["agency_id", "made_at", "id"])


def _make_rows() -> None:
    row = "portal_alert_list_row"
    op.create_table(
        row,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _enum("rowstate", "ready", "double", "wrong", "sent", "skipped"),
            nullable=False,
        ),
        sa.Column("family", sqlmodel.AutoString(length=32), nullable=False),
        sa.Column("data_sealed", sa.LargeBinary()),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("alert_id", sa.Uuid()),
        _key(row, "list_id", "portal_alert_list"),
        _key(row, "alert_id", "portal_alert"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{row}"),
        sa.UniqueConstraint("list_id", "number", name=f"uq_{row}_list_id_number"),
    )
    op.create_index("ix_portal_alert_list_row_state", row, ["list_id", "state", "number"])


def downgrade() -> None:
    with op.batch_alter_table("portal_alert") as batch:
        batch.drop_index("ix_portal_alert_list_id")
        batch.drop_constraint("fk_portal_alert_list_id", type_="foreignkey")
        batch.drop_column("list_id")
    for table in ("portal_alert_list_row", "portal_alert_list", "portal_list_basis"):
        op.drop_table(table)
