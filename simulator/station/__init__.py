"""A station's day on a simulated clock: made-up warnings and people with habits, planned by the production code."""
