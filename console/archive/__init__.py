"""The archive of rights: lists that come as sheets, what they would change, and who agreed."""
