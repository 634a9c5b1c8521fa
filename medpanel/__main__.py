"""`python -m medpanel` is the command `medpanel`."""

from medpanel.cli import main

main()
