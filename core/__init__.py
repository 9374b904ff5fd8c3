"""What every room shares. A closed list: calls and events, the clock, ids, errors, clean text, files with places."""
