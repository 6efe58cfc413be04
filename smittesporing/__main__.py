"""`python -m smittesporing` is the same door as the installed command."""

from smittesporing.cli import main

raise SystemExit(main())
