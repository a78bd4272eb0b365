"""The fitted model and the questions asked of it."""
