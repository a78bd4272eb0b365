"""The one door for data frames."""
