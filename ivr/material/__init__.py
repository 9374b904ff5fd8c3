"""What flows speak of and lead to: the town's answers and its directory of services. Each kind is a folder of files."""
