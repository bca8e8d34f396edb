"""the whole life of a stop-payment: what a request says, its period, and every step of it"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ACTS = (
    "drafted",
    "corrected",
    "submitted",
    "approved",
    "sent",
    "mismatched",
    "stopped",
    "frozen",
    "renewed",
    "released",
    "returned",
    "lapsed",
)
_STATES = (
    "draft",
    "to_approve",
    "sent",
    "mismatch",
    "stopped",
    "frozen",
    "renewed",
    "released",
    "lapsed",
    "returned",
)
_RUNS = "state IN ('stopped', 'frozen', 'renewed')"

# The index of an account needs the keys: a draft from before gets its own when it is sent.
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "account_index": sa.LargeBinary(),
    "other_account": sa.LargeBinary(),
    "other_name": sa.LargeBinary(),
    "other_bank": sa.Text(),
    "transferred_at": sa.DateTime(timezone=True),
    "facts": sa.LargeBinary(),
    "receipts": sa.LargeBinary(),
    "since": sa.DateTime(timezone=True),
    "warn_at": sa.DateTime(timezone=True),
    "frozen_at": sa.DateTime(timezone=True),
    "stop_no": sa.Integer(),
    "held": sa.Numeric(precision=18, scale=2),
    "returned": sa.Numeric(precision=18, scale=2),
    "submitted_by": sa.Uuid(),
}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("freezes", sa.Column(name, kind, nullable=True))
    op.add_column("freezes", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_foreign_key("fk_freezes_submitted_by", "freezes", "officers", ["submitted_by"], ["id"])
    op.create_index("ix_freezes_account_index", "freezes", ["account_index"])
    op.create_index("ix_freezes_until", "freezes", ["until"], postgresql_where=sa.text(_RUNS))
    op.create_index("ix_freezes_warn_at", "freezes", ["warn_at"], postgresql_where=sa.text("warn_at IS NOT NULL"))
    op.create_table(
        "freeze_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("freeze_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.Enum(*_ACTS, name="freezeact", native_enum=False, length=32), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="freezestate", native_enum=False, length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("chief", sa.Text(), nullable=True),
        sa.Column("chief_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("major", sa.Boolean(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_no", sa.Integer(), nullable=True),
        sa.Column("account_index", sa.LargeBinary(), nullable=True),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["freeze_id"], ["freezes.id"], name=op.f("fk_freeze_steps_freeze_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_freeze_steps_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_steps")),
    )
    op.create_index("ix_freeze_steps_freeze_id", "freeze_steps", ["freeze_id", "version"])
    op.create_index(
        "uq_freeze_steps_stop",
        "freeze_steps",
        ["account_index", "stop_no"],
        unique=True,
        postgresql_where=sa.text("stop_no IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("freeze_steps")
    op.drop_index("ix_freezes_warn_at", table_name="freezes")
    op.drop_index("ix_freezes_until", table_name="freezes")
    op.drop_index("ix_freezes_account_index", table_name="freezes")
    for name in ("version", *reversed(_COLUMNS)):
        op.drop_column("freezes", name)
