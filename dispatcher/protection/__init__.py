"""Personal data: encrypted where it rests, masked where it leaves, absent from the logs."""
