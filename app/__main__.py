import os
import sys

from app.compiled import begin

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads would wait for work, and a fork copies but one
begin(sys.argv[1:])

from app.cli import main  # noqa: E402 — after the compiled modules stand in for their sources

main(prog_name="./guichet")
