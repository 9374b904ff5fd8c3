"""What is done for callers where waiting is not enough: the rules of queue files, decided on events and time alone."""
