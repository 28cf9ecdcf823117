"""How a listing meets a right: pure functions of listing and watch list."""
