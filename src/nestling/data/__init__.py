"""The one door for data frames."""

from nestling.data.columns import Column, Factor, Frame, Numeric
from nestling.data.door import read
from nestling.data.grouping import grouping

__all__ = ["Column", "Factor", "Frame", "Numeric", "grouping", "read"]
