"""The command line, the settings, the processes, and the one place where everything is wired (`engine`, `prepare`)."""
