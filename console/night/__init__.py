"""One night: its plan, the stages it goes through, and what it leaves for people and machines."""
