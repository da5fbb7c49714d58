"""Holds the model against silicon it was not fitted to."""
