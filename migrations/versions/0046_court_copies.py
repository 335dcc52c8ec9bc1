"""Copies of the file for the court, and the pieces in them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0046_court_copies"
down_revision = "0045_plans"
branch_labels = None
depends_on = None

COPY, PIECE = "portal_court_copy", "portal_court_copy_piece"
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
STATES = ("draft", "waiting", "formed")
KINDS = ("entry", "document", "letter")
CHOICES = ("included", "withheld", "restricted")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _of(column: str, name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, length=32)
    return sa.Column(column, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        COPY,
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        _of("state", "copystate", STATES),
        sa.Column("court_id", sa.Uuid()),
        sa.Column("court", TEXT(length=160), nullable=False),
        sa.Column("court_number", TEXT(length=80), nullable=False),
        sa.Column("signer_id", sa.Uuid()),
        sa.Column("started_at", MOMENT(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("year", sa.Integer()),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("asked_at", MOMENT()),
        sa.Column("formed_at", MOMENT()),
        sa.Column("volumes", sa.Integer(), nullable=False),
        sa.Column("folios", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("problem", TEXT(length=20), nullable=False),
        sa.Column("problem_piece", sa.Integer()),
        sa.Column("delivered_at", MOMENT()),
        sa.Column("delivered_by", sa.Uuid()),
        sa.Column("received_by", TEXT(length=120), nullable=False),
        sa.Column("receipt", TEXT(length=60), nullable=False),
        _key(COPY, "case_id", "portal_case"),
        _key(COPY, "agency_id", "portal_agency"),
        _key(COPY, "author_id", "portal_user"),
        _key(COPY, "court_id", "portal_agency"),
        _key(COPY, "signer_id", "portal_signer"),
        _key(COPY, "document_id", "portal_document"),
        _key(COPY, "delivered_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{COPY}"),
        sa.UniqueConstraint("agency_id", "year", "number", name=f"uq_{COPY}_agency_id_year_number"),
    )
    op.create_index(f"ix_{COPY}_case_id", COPY, ["case_id", "started_at"])
    op.create_table(
        PIECE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("copy_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        _of("kind", "piecekind", KINDS),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _of("choice", "choice", CHOICES),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("why_sealed", sa.LargeBinary()),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("agency", TEXT(length=200), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("first_folio", sa.Integer(), nullable=False),
        sa.Column("last_folio", sa.Integer(), nullable=False),
        sa.Column("is_beside", sa.Boolean(), nullable=False),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        _key(PIECE, "copy_id", COPY),
        sa.PrimaryKeyConstraint("id", name=f"pk_{PIECE}"),
        sa.UniqueConstraint(
            "copy_id", "kind", "piece_id", name=f"uq_{PIECE}_copy_id_kind_piece_id"
        ),
    )
    op.create_index(f"ix_{PIECE}_place", PIECE, ["copy_id", "place"])


def downgrade() -> None:
    op.drop_index(f"ix_{PIECE}_place", PIECE)
    op.drop_table(PIECE)
    op.drop_index(f"ix_{COPY}_case_id", COPY)
    op.drop_table(COPY)
