"""One marketplace or fair of its own a file; config/sites names which spider knows a site."""
