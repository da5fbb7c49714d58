"""Every fit: from its data to the tables of its file under params/fit, reproducibly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from estimator.calibration.fitfile import fit_text
from estimator.files import write_text
from estimator.parameters import library

Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]


def _voltage() -> Tables:
    from estimator.calibration.voltage_fit import fit_voltage

    return fit_voltage()


def _electrical() -> Tables:
    from estimator.calibration.electrical_fit import fit_electrical
    from estimator.calibration.electrical_write import electrical_tables

    return electrical_tables(fit_electrical())


def _area() -> Tables:
    from estimator.calibration.area_densities import area_tables

    return area_tables()


def _die_area() -> Tables:
    from estimator.calibration.area_write import die_area_tables

    return die_area_tables()


def _port() -> Tables:
    from estimator.calibration.port_fit import port_tables

    return port_tables()


def _model_error() -> Tables:
    from estimator.calibration.model_error import model_error_tables

    return model_error_tables()


FITS: dict[str, Callable[[], Tables]] = {
    "voltage.toml": _voltage,
    "electrical.toml": _electrical,
    "area.toml": _area,
    "die_area.toml": _die_area,
    "port.toml": _port,
    "model_error.toml": _model_error,
}
"""File under params/fit -> its fit, in order: the electrical fit reads the voltage law that was written before it."""


class Refit(NamedTuple):
    """What a refit of one file gave: how many tables it has, and whether its text differs from the one on disk."""

    tables: int
    changed: bool


def refit(name: str, *, write: bool = True) -> Refit:
    """Refit one file under params/fit; write it, or only compare it with the one on disk.

    Parameters
    ----------
    name : str
        A key of `FITS`.
    write : bool
        False to leave the file as it is.
    """
    tables = FITS[name]()
    text = fit_text(tables)
    path = library.params_folder() / "fit" / name
    before = path.read_text("utf-8") if path.exists() else ""
    if write:
        write_text(path, text)
    return Refit(tables=sum(map(len, tables.values())), changed=text != before)
