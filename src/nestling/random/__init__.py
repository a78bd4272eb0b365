"""Random numbers: numpy's generators and R's own streams."""

from nestling.random.rrandom import RRandom

__all__ = ["RRandom"]
