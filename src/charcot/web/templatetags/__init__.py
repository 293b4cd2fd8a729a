"""Template tags: addresses that keep the moment looked at, and dates as they are read."""
