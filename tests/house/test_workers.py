"""How the tests are shared between processes names files that are there, and all that need the validation rows."""

from tests import workers
from tests.root import ROOT


def test_all_that_ask_for_the_validation_rows_stay_together():
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "validation_rows" in path.read_text("utf-8") and path.name != "test_workers.py"
    }
    assert asking == set(workers.VALIDATION)


def test_what_is_named_exists():
    for name in (*workers.LONGEST_FIRST, *workers.ONE_BY_ONE):
        assert (ROOT / name).exists(), name
