"""Words beside what is pointed at: always within the picture, and off the balls where there is room beside them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from ann_studio.gui import told

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, st.floats(90, 170), st.sampled_from([28.0, 46.0, 64.0]), st.floats(300, 900), st.floats(150, 600))
def test_the_box_is_in_the_picture_and_off_what_is_pointed_at(across, down, width, height, room, depth):
    area = QRectF(20, 10, room, depth)
    at = QPointF(area.left() + across * room, area.top() + down * depth)
    ball = QRectF(at.x() - 10, at.y() - 10, 20, 20)
    box = told.place(QSizeF(width, height), at, area, [ball])
    assert area.contains(box)
    assert not box.intersects(ball)


@given(SHARE, SHARE, SHARE, SHARE)
@example(1.0, 1.0, 0.75, 0.875)
def test_a_second_ball_is_left_free_too(across, down, other_across, other_down):
    area = QRectF(0, 0, 600, 400)
    places = [QPointF(600 * across, 400 * down), QPointF(600 * other_across, 400 * other_down)]
    balls = [QRectF(at.x() - 10, at.y() - 10, 20, 20) for at in places]
    box = told.place(QSizeF(150, 46), places[0], area, balls)
    assert area.contains(box)
    assert not any(box.intersects(ball) for ball in balls)


def test_in_the_open_it_stands_to_the_right_and_above():
    at = QPointF(300, 200)
    box = told.place(QSizeF(150, 46), at, QRectF(0, 0, 600, 400))
    assert box.left() > at.x()
    assert box.bottom() < at.y()
