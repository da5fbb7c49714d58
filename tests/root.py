"""Where the checkout is: tests name its files from here, so that a test may move without losing them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
