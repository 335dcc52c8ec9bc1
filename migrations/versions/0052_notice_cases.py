"""Which case a notice is about, where its text does not name it."""

import sqlalchemy as sa
from alembic import op

revision = "0052_notice_cases"
down_revision = "0051_child_cases"
branch_labels = None
depends_on = None

NOTICE = "portal_notice"
PAGES = {
    "/referrals/": "portal_referral",
    "/commitments/": "portal_commitment",
    "/agreements/": "portal_meeting_agreement",
}
LONG = 36


def upgrade() -> None:
    with op.batch_alter_table(NOTICE) as batch:
        batch.add_column(sa.Column("case_id", sa.Uuid()))
        batch.create_foreign_key(f"fk_{NOTICE}_case_id", "portal_case", ["case_id"], ["id"])
        batch.create_index(f"ix_{NOTICE}_case_id", ["case_id"])
    notice = sa.table(
        NOTICE, sa.column("url", sa.String), sa.column("facts", sa.String), sa.column("case_id")
    )
    # What was told before leads to a page whose case is known.
    for path, table in PAGES.items():
        piece = sa.table(table, sa.column("id", sa.Uuid), sa.column("case_id", sa.Uuid))
        named = sa.func.replace(sa.func.substr(notice.c.url, len(path) + 1), "-", "")
        op.execute(
            notice.update()
            .where(
                notice.c.url.startswith(path),
                sa.func.length(notice.c.url) == len(path) + LONG,
                sa.not_(sa.cast(notice.c.facts, sa.Text).contains('"code"')),
            )
            .values(
                case_id=sa.select(piece.c.case_id)
                .where(piece.c.id == sa.cast(named, sa.Uuid))
                .scalar_subquery()
            )
        )


def downgrade() -> None:
    with op.batch_alter_table(NOTICE) as batch:
        batch.drop_index(f"ix_{NOTICE}_case_id")
        batch.drop_constraint(f"fk_{NOTICE}_case_id", type_="foreignkey")
        batch.drop_column("case_id")
