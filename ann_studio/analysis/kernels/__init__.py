"""Compiled drawing: the bands of contours, and what shows a surface in relief.

Modules are imported when they are first needed, as numba is.
"""
