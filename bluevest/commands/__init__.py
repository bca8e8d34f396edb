"""One module for each group of commands; each has `register(app)`, and imports its part only when it runs."""
