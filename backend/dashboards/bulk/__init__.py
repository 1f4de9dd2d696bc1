"""Doing one thing to many patients of the board: choose, look at what would happen, do it, read what happened."""
