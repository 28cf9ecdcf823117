"""What happens to every listing: one step a file, the order stands in crawlers/settings.py."""
