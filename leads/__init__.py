"""What comes out, and the vocabulary everyone shares: records, registry, triage, stores."""
