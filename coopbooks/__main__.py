"""`python -m coopbooks` is the command `coopbooks`."""

from coopbooks.cli import main

if __name__ == "__main__":
    main()
