"""Kibana's dashboards: written as small TOML files, turned into the objects that Kibana imports."""
