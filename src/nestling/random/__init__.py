"""Random numbers: numpy's generators and R's own streams."""
