"""A row of the message log holds a stretch of a station's frames: a busy station fills few rows with many."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.columns import ints, ints_or_null, row_id, texts, texts_or_null

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HEAD = "json_array({at}, {direction}, message_id, action)"
_TIME = "strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000000, 'unixepoch') || printf('.%06dZ', {0} % 1000000)"
_CALL = _HEAD.format(at=_TIME.format("at"), direction="direction")
_ANSWER = _HEAD.format(
    at=_TIME.format("answered_at"),
    direction="CASE direction WHEN 'in' THEN 'out' ELSE 'in' END",
)
_MOVE = f"""
INSERT INTO frame_stretches (key, station_key, from_at, to_at, frames, heads, text)
SELECT key, station_key, at, coalesce(answered_at, at), 1 + (answered_at IS NOT NULL),
    CASE WHEN answered_at IS NULL THEN json_array(json({_CALL})) ELSE json_array(json({_CALL}), json({_ANSWER})) END,
    replace(frame, char(30), char(65533))
        || CASE WHEN answered_at IS NULL THEN '' ELSE char(30) || replace(answer, char(30), char(65533)) END
FROM frames
"""  # noqa: S608  # names of ours


def upgrade() -> None:
    op.create_table(
        "frame_stretches",
        row_id(),
        *ints("station_key", "from_at", "to_at", "frames"),
        *texts("heads", "text"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute(_MOVE)
    op.create_index("frame_stretches_station", "frame_stretches", ["station_key", "from_at"])
    op.drop_table("frames")


def downgrade() -> None:
    """The log is not carried back: its stretches cannot be told apart by the rows of before."""
    op.create_table(
        "frames",
        row_id(),
        *ints("station_key", "at"),
        *texts("direction", "kind"),
        *texts_or_null("message_id", "action"),
        *texts("frame"),
        *texts_or_null("error"),
        *ints_or_null("answered_at"),
        *texts_or_null("answer_kind", "answer"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("frames_station", "frames", ["station_key", "at"])
    op.drop_table("frame_stretches")
