"""Search spaces of the image models."""
