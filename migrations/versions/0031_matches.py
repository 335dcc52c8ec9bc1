"""Records that may be of one child, and what their merges brought."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0031_matches"
down_revision = "0030_registries"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
MATCH, PARTY = "portal_match", "portal_match_party"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    answers = ("link", "merge", "different")
    op.create_table(
        MATCH,
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("basis", _enum("basis", "document", "name", "told"), nullable=False),
        sa.Column("found_at", MOMENT(), nullable=False),
        sa.Column(
            "state", _enum("matchstate", "open", "linked", "merged", "different"), nullable=False
        ),
        sa.Column("one_says", _enum("answer", *answers)),
        sa.Column("one_by", sa.Uuid()),
        sa.Column("one_opens", sa.Boolean(), nullable=False),
        sa.Column("other_says", _enum("answer", *answers)),
        sa.Column("other_by", sa.Uuid()),
        sa.Column("other_opens", sa.Boolean(), nullable=False),
        sa.Column("kept_case_id", sa.Uuid()),
        sa.Column("joined_case_id", sa.Uuid()),
        sa.Column("merged_at", MOMENT()),
        sa.Column("undo_until", MOMENT()),
        sa.Column("undone_at", MOMENT()),
        _key(MATCH, "one_id", "portal_person"),
        _key(MATCH, "other_id", "portal_person"),
        _key(MATCH, "one_by", "portal_user"),
        _key(MATCH, "other_by", "portal_user"),
        _key(MATCH, "kept_case_id", "portal_case"),
        _key(MATCH, "joined_case_id", "portal_case"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{MATCH}"),
        sa.UniqueConstraint("one_id", "other_id", name=f"uq_{MATCH}_one_id_other_id"),
    )
    for column in ("other_id", "kept_case_id", "joined_case_id"):
        op.create_index(f"ix_{MATCH}_{column}", MATCH, [column])
    op.create_table(
        PARTY,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("level_before", _enum("level", "lead", "team", "informed")),
        _key(PARTY, "match_id", MATCH),
        _key(PARTY, "party_id", "portal_case_party"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{PARTY}"),
        sa.UniqueConstraint("match_id", "party_id", name=f"uq_{PARTY}_match_id_party_id"),
    )
    op.create_index(f"ix_{PARTY}_party_id", PARTY, ["party_id"])


def downgrade() -> None:
    op.drop_table(PARTY)
    op.drop_table(MATCH)
