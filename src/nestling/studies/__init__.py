"""A study many times over: recovery of what was put in, power, and what they cost."""
