"""How a lead is proven and leaves: captured bytes, records, packets."""
