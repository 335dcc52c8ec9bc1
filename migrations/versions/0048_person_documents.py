"""The identity documents of a person beside the main one, and more of the main one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0048_person_documents"
down_revision = "0047_closing"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
PERSON, DOCUMENT = "portal_person", "portal_person_document"
KINDS = (
    "none",
    "in_process",
    "dni",
    "cui",
    "cnv",
    "acta",
    "ce",
    "passport",
    "cpp",
    "ptp",
)


def upgrade() -> None:
    op.create_table(
        DOCUMENT,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey(f"{PERSON}.id"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="documentkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("country", sa.String(60), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("said_by", sa.String(120), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.UniqueConstraint("person_id", "kind", "number"),
    )
    op.create_index(f"ix_{DOCUMENT}_by_number", DOCUMENT, ["number"])
    empty = {"nullable": False, "server_default": ""}
    op.add_column(PERSON, sa.Column("document_country", sa.String(60), **empty))
    op.add_column(PERSON, sa.Column("document_since", sa.Date()))
    op.add_column(PERSON, sa.Column("document_said_by", sa.String(120), **empty))
    with op.batch_alter_table(PERSON) as batch:
        batch.alter_column("document_country", server_default=None)
        batch.alter_column("document_said_by", server_default=None)


def downgrade() -> None:
    for column in ("document_said_by", "document_since", "document_country"):
        op.drop_column(PERSON, column)
    op.drop_index(f"ix_{DOCUMENT}_by_number", DOCUMENT)
    op.drop_table(DOCUMENT)
