"""A market and a fair to practise on: served on loopback, made from a seed, with known truth."""
