"""Make the table of notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001_notes"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dummy_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name="fk_dummy_note_person_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dummy_note"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("dummy_note")
