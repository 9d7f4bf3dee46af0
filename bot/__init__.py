"""The chat program."""

VERSION = "0.1.0"
