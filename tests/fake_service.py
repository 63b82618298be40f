"""The real `diemtin` command with the fake engine registered, run as a process."""

from models.registry import register
from service.cli import main

if __name__ == "__main__":
    register("fake", "tests.fake_engine:load")
    main(prog_name="diemtin")
