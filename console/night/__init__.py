"""What a night leaves for people and machines: its record, a report to look at, and metrics."""
