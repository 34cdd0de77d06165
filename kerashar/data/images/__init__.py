"""Images in folders or archives, decoded with a report of what failed."""
