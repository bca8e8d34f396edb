"""who would go, and how: means of travel, what an offer was reckoned with, and what people answered before"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TALLIES = ("", "night_", "far_", "tired_")


def upgrade() -> None:
    op.add_column("volunteers", sa.Column("means", sa.String(32), nullable=False, server_default="walk"))
    op.alter_column("volunteers", "means", server_default=None)
    op.add_column("offers", sa.Column("metres", sa.Integer(), nullable=True))
    op.add_column("offers", sa.Column("chance", sa.Double(), nullable=True))
    op.add_column("offers", sa.Column("tired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("offers", "tired", server_default=None)
    op.create_index(
        "ix_offers_accepted_at", "offers", ["accepted_at"], postgresql_where=sa.text("accepted_at IS NOT NULL")
    )
    op.create_index(
        "ix_offers_undeliverable", "offers", ["ended_at"], postgresql_where=sa.text("state = 'undeliverable'")
    )
    op.add_column("cases", sa.Column("width", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("cases", "width", server_default=None)
    op.add_column("cases", sa.Column("widen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_cases_widen_at", "cases", ["widen_at"], postgresql_where=sa.text("widen_at IS NOT NULL"))
    op.create_table(
        "volunteer_records",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        *(sa.Column(f"{kind}{what}", sa.Integer(), nullable=False) for kind in _TALLIES for what in ("asked", "taken")),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name="fk_volunteer_records_volunteer_id"),
        sa.PrimaryKeyConstraint("volunteer_id", name="pk_volunteer_records"),
    )
    op.create_index("ix_volunteer_records_reckoned_at", "volunteer_records", ["reckoned_at"])


def downgrade() -> None:
    op.drop_table("volunteer_records")
    op.drop_index("ix_cases_widen_at", table_name="cases")
    op.drop_column("cases", "widen_at")
    op.drop_column("cases", "width")
    op.drop_index("ix_offers_undeliverable", table_name="offers")
    op.drop_index("ix_offers_accepted_at", table_name="offers")
    for column in ("tired", "chance", "metres"):
        op.drop_column("offers", column)
    op.drop_column("volunteers", "means")
