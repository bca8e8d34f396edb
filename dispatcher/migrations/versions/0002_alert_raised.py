"""Whether an alert's `alert.raised` has come, so that a late one does not take its update back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows from before are taken as raised: for them everything further is an update, as it was.
    op.add_column("alerts", sa.Column("raised", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("alerts", "raised", server_default=None)


def downgrade() -> None:
    op.drop_column("alerts", "raised")
