"""What the practice market and fair look like: one module for each kind of page."""
