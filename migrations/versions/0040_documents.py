"""Documents, their versions, and uploads that arrive in pieces."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0040_documents"
down_revision = "0039_answers"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
DOCUMENT, VERSION, UPLOAD = "portal_document", "portal_document_version", "portal_upload"
FORMATS = ("jpg", "png", "pdf", "docx", "xlsx", "odt")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        DOCUMENT,
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("piece", TEXT(length=40), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("author_agency_id", sa.Uuid()),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        _key(DOCUMENT, "case_id", "portal_case"),
        _key(DOCUMENT, "person_id", "portal_person"),
        _key(DOCUMENT, "author_id", "portal_user"),
        _key(DOCUMENT, "author_agency_id", "portal_agency"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{DOCUMENT}"),
    )
    op.create_index(f"ix_{DOCUMENT}_case_id", DOCUMENT, ["case_id", "recorded_at"])
    op.create_index(f"ix_{DOCUMENT}_piece", DOCUMENT, ["piece", "piece_id"])
    op.create_table(
        VERSION,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(*FORMATS, name="format", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        sa.Column("sent_sha256", TEXT(length=64), nullable=False),
        sa.Column("file", TEXT(length=32), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("preview", TEXT(length=32), nullable=False),
        sa.Column("preview_size", sa.Integer()),
        sa.Column("preview_key_sealed", sa.LargeBinary()),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("author_agency_id", sa.Uuid()),
        sa.Column("at", MOMENT(), nullable=False),
        _key(VERSION, "document_id", DOCUMENT),
        _key(VERSION, "author_id", "portal_user"),
        _key(VERSION, "author_agency_id", "portal_agency"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{VERSION}"),
        sa.UniqueConstraint("document_id", "number", name=f"uq_{VERSION}_document_id_number"),
        sa.UniqueConstraint("file", name=f"uq_{VERSION}_file"),
    )
    op.create_table(
        UPLOAD,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("suffix", TEXT(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("file", TEXT(length=32), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        _key(UPLOAD, "user_id", "portal_user"),
        _key(UPLOAD, "agency_id", "portal_agency"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{UPLOAD}"),
        sa.UniqueConstraint("file", name=f"uq_{UPLOAD}_file"),
    )
    op.create_index(f"ix_{UPLOAD}_user_id", UPLOAD, ["user_id"])


def downgrade() -> None:
    op.drop_table(UPLOAD)
    op.drop_table(VERSION)
    op.drop_table(DOCUMENT)
