"""Reply, receipt, visit, position → new state."""
