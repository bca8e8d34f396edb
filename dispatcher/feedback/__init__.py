"""Stage 6: signed status back to the centre (contract: Feedback out)."""
