"""Stage 1: a warning order becomes a case (contract: Warning orders in)."""
