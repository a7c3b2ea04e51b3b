"""Review: records that people judge, their decisions, and how far they agree. No Qt, no torch."""
