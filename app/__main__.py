import sys

from app.compiled import begin

begin(sys.argv[1:])

from app.cli import main  # noqa: E402 — after the compiled modules stand in for their sources

main(prog_name="./guichet")
