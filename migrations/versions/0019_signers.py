"""Signers of an agency, and the six-monthly review of who holds which role."""

import sqlalchemy as sa
from alembic import op

revision = "0019_signers"
down_revision = "0018_devices"
branch_labels = None
depends_on = None


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _one_of(*values: str) -> sa.Enum:
    return sa.Enum(*values, native_enum=False, length=32)


def upgrade() -> None:
    op.create_table(
        "portal_signer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("post", sa.String(120), nullable=False),
        sa.Column("standing", _one_of("titular", "alternate"), nullable=False),
        sa.Column("act", _one_of("any", "resolution", "letter", "data_answer"), nullable=False),
        sa.Column("resolution", sa.String(120), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_portal_signer"),
        _to("portal_signer", "agency_id", "portal_agency"),
        _to("portal_signer", "user_id", "portal_user"),
    )
    op.create_index("ix_portal_signer_agency_id", "portal_signer", ["agency_id"])
    op.create_index("ix_portal_signer_user_id", "portal_signer", ["user_id"])
    op.create_table(
        "portal_access_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Uuid()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_portal_access_review"),
        _to("portal_access_review", "agency_id", "portal_agency"),
        _to("portal_access_review", "decided_by", "portal_user"),
        _to("portal_access_review", "closed_by", "portal_user"),
    )
    op.create_index(
        "uq_portal_access_review_open",
        "portal_access_review",
        ["agency_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "portal_access_review_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("decision", _one_of("keep", "end")),
        sa.PrimaryKeyConstraint("id", name="pk_portal_access_review_line"),
        sa.UniqueConstraint(
            "review_id",
            "membership_id",
            name="uq_portal_access_review_line_review_id_membership_id",
        ),
        _to("portal_access_review_line", "review_id", "portal_access_review"),
        _to("portal_access_review_line", "membership_id", "portal_membership"),
    )


def downgrade() -> None:
    op.drop_table("portal_access_review_line")
    op.drop_table("portal_access_review")
    op.drop_table("portal_signer")
