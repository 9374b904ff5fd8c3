"""The handling of calls (`call`, `line`, `node`), and the telephone networks behind one port (`channel`)."""
