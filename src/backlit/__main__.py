"""``python -m backlit`` is the program `backlit`."""

from .cli import main

if __name__ == "__main__":
    main()
