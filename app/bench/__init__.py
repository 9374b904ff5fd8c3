"""The benchmarks: `./guichet bench NAME` is the file of that name."""
