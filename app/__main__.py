import sys

from app.compiled import COMMANDS, use

if COMMANDS.intersection(sys.argv[1:2]):
    use()

from app.cli import main

main(prog_name="./guichet")
