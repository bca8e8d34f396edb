import sys

from bluevest.cli import main

sys.exit(main())
