"""How each shop software and each kind of file carries its data: one extractor a file."""
