"""Models for small images, one paper per file."""
