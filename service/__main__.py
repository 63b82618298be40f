"""`python -m service` is the `diemtin` command."""

from service.cli import main

if __name__ == "__main__":
    main(prog_name="diemtin")
