"""That parents of a family are separated or divorced."""

import sqlalchemy as sa
from alembic import op

revision = "0049_partings"
down_revision = "0048_person_documents"
branch_labels = None
depends_on = None

KINDS = ("separated", "divorced")


def upgrade() -> None:
    kind = sa.Enum(*KINDS, name="parting", native_enum=False, length=32)
    op.add_column("portal_relative", sa.Column("parting", kind))


def downgrade() -> None:
    op.drop_column("portal_relative", "parting")
