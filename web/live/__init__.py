"""The console: the live feed's hub and its socket."""
