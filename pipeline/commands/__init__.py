"""The words of the command line: one a file, loaded only when it is used."""

from rich.console import Console

OUT = Console()
"""Where results go. Errors are raised: pipeline.cli says them."""
