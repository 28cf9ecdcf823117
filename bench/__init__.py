"""What the product costs and how often it is right: measured, never asserted by a test."""
