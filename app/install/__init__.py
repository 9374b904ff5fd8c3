"""What must be there before anything else: the virtual environment and the native programs. Standard library only."""
