"""Edges of images, and their colours."""
