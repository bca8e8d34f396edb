"""Stop-payments and freezes on their own clock; recorded here, executed by a bank (field guide §3)."""
