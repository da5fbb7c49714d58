"""Area of a GPU die from its transistor count, by the densities of shipped dies of its maker."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimator.arrays import Array
from estimator.checks import checked
from estimator.errors import InputError, shown
from estimator.parameters import library
from estimator.parameters.schema import Node, Parameter, check_number
from estimator.physics.area import BITS_PER_MBIT, TRANSISTORS_PER_BIT, analog_area, class_area
from estimator.quantities import FIELDS, NORMAL_90, Field

MBIT_PER_MBYTE = 8.388608
"""Mbit in one MB of 2^20 bytes."""
T80 = 1.5332
"""80 % two-sided quantile of Student's t with four degrees of freedom, the law of single dies' errors."""
MAKERS = ("amd", "intel", "nvidia")
"""Makers of the GPUs whose densities are fitted."""
OTHER_STYLES = ("cpu", "phone", "wafer-scale")
"""Styles of chips that the fit says nothing about."""
STYLES = ("gpu", *OTHER_STYLES)
_COUNT = Field("count", "1", "count", 0, 1e5)
_BITS = Field("memory_bus_bits", "1", "width of the memory interface in bits", 0, 1e6)


@dataclass(frozen=True)
class DieArea:
    """Area of a die with its 80 % interval, and the classes of circuits that it is made of.

    Attributes
    ----------
    area_mm2, low, high : float
        Area and the ends of its 80 % interval, mm2.
    logic_mm2, sram_mm2, analog_mm2 : float
        Area of logic, of SRAM, and of analog, PHY and pads; they add up to the area.
    notes : tuple of str
        What was assumed, and where the fit does not reach.
    """

    area_mm2: float
    low: float
    high: float
    logic_mm2: float
    sram_mm2: float
    analog_mm2: float
    notes: tuple[str, ...] = ()

    @property
    def fractions(self) -> dict[str, float]:
        """Composition as fields of a `Design`: ``logic_fraction``, ``sram_fraction``, ``analog_fraction``."""
        parts = {"logic": self.logic_mm2, "sram": self.sram_mm2, "analog": self.analog_mm2}
        return {f"{name}_fraction": part / self.area_mm2 for name, part in parts.items()}


@checked(
    logic_mtr=None,
    logic_density_mtr_mm2=None,
    sram_mbit=None,
    sram_density_mb_mm2=None,
    analog_n7_mm2=None,
    analog_area_factor=None,
)
def areas_of_classes(
    *,
    logic_mtr: Array | float,
    logic_density_mtr_mm2: Array | float,
    sram_mbit: Array | float,
    sram_density_mb_mm2: Array | float,
    analog_n7_mm2: Array | float,
    analog_area_factor: Array | float,
) -> tuple[Array, Array, Array]:
    """Areas of logic, SRAM and analog/PHY of dies from their counts, mm2: the laws of `estimator.physics.area`.

    Examples
    --------
    >>> [float(a) for a in areas_of_classes(logic_mtr=5000, logic_density_mtr_mm2=50, sram_mbit=60,
    ...     sram_density_mb_mm2=20, analog_n7_mm2=10, analog_area_factor=1.5)]
    [100.0, 3.0, 15.0]
    """
    return (
        class_area(home_area_mm2=np.asarray(logic_mtr), home_density=1.0, density=np.asarray(logic_density_mtr_mm2)),
        class_area(home_area_mm2=np.asarray(sram_mbit), home_density=1.0, density=np.asarray(sram_density_mb_mm2)),
        analog_area(home_area_mm2=np.asarray(analog_n7_mm2), home_factor=1.0, factor=np.asarray(analog_area_factor)),
    )


def die_area(
    *,
    transistors_mtr: float,
    node: Any,
    maker: str = "",
    style: str = "gpu",
    sram_mbyte: float | None = None,
    memory_bus_bits: float | None = None,
    hbm: bool = False,
    links: float = 0,
    pcie_lanes: float = 16,
) -> DieArea:
    """Area of a new GPU die, mm2, from its transistor count and what else is public of it.

    It holds for discrete GPUs and accelerators of AMD, Intel and NVIDIA on 130 to 2 nm. Chips of other styles (CPUs, phone
    chips, wafer-scale parts) are built of other cells and macros, and were 28 to 38 % off where it was tried: they raise
    `InputError`. For another maker's accelerator the density of no maker in particular is taken, and a note says so.

    Parameters
    ----------
    transistors_mtr : float
        Transistors of the die, millions.
    node : str, path or Node
        Its process.
    maker : str
        ``"amd"``, ``"intel"`` or ``"nvidia"``; any other name, or none, for a maker in general.
    style : str
        ``"gpu"``: the only style that the fit holds for.
    sram_mbyte : float, optional
        All SRAM of the die: registers, shared memory and caches, MB of 2^20 bytes. Default: the share of transistors which
        shipped GPUs have in arrays.
    memory_bus_bits : float, optional
        Width of its memory interface. Default: the share of area which shipped GPUs have in interfaces and pads.
    hbm : bool
        Whether the interface drives memory stacks.
    links, pcie_lanes : float
        Chip-to-chip links, and PCIe lanes.

    Returns
    -------
    DieArea

    Raises
    ------
    InputError
        For a style the fit says nothing about, or a number out of range.

    Examples
    --------
    >>> found = die_area(transistors_mtr=76300, node="tsmc-4n", maker="nvidia", sram_mbyte=137.4, memory_bus_bits=384)
    >>> 550 < found.low < 608.5 < found.area_mm2 < found.high < 800  # AD102 has 608.5 mm2
    True
    """
    process = library.load_node(node)
    if style not in STYLES:
        raise InputError(f"style = {shown(style)} must be one of {', '.join(STYLES)}")
    if style in OTHER_STYLES:
        raise InputError(
            f"style = {style!r}: the areas are fitted to GPUs, and were 28 to 38 % off on CPUs, phone chips and wafer-scale "
            f"parts; take the chip's published area, or call it a 'gpu' knowing that"
        )
    count = check_number("transistors_mtr", transistors_mtr, FIELDS["transistors_mtr"])
    common = library.fitted("die-area")
    notes: list[str] = []
    if not isinstance(maker, str):
        raise InputError(f"maker = {shown(maker)} must be a name: {', '.join(MAKERS)}, or any other")
    density = _density(process, maker, common, notes)
    lanes = check_number("pcie_lanes", pcie_lanes, _COUNT)
    lanes += float(common["link_lanes"]) * check_number("links", links, _COUNT)
    if sram_mbyte is None:
        notes.append(
            f"SRAM not given: {float(common['typical_sram_share']):.0%} of the transistors, as in shipped GPUs"
        )
        in_arrays = float(common["typical_sram_share"]) * count
        bits = in_arrays * 1e6 / TRANSISTORS_PER_BIT / BITS_PER_MBIT
        sram_sd = _log_sd(common["typical_sram_share"])
    else:
        bits = MBIT_PER_MBYTE * check_number("sram_mbyte", sram_mbyte, FIELDS["sram_mb"]) * float(common["sram_extent"])
        sram_sd = _log_sd(common["sram_extent"])
    in_arrays = min(bits * TRANSISTORS_PER_BIT, (1.0 - float(common["logic_share_min"])) * count)
    bus = 0.0 if memory_bus_bits is None else check_number("memory_bus_bits", memory_bus_bits, _BITS)
    per_bit = common["hbm_mm2_per_stack"] if hbm else common["phy_mm2_per_bit"]
    phy = bus / (1024.0 if hbm else 1.0) * float(per_bit)
    fixed = lanes * float(common["lane_mm2"]) + float(common["fixed_mm2"])
    logic, sram, analog = (
        float(a)
        for a in areas_of_classes.plain(
            logic_mtr=count - in_arrays,
            logic_density_mtr_mm2=float(density),
            sram_mbit=bits,
            sram_density_mb_mm2=float(process.sram_density_mb_mm2),
            analog_n7_mm2=phy + fixed,
            analog_area_factor=float(process.analog_area_factor),
        )
    )
    analog_sd = [phy * _log_sd(per_bit), lanes * float(common["lane_mm2"]) * _log_sd(common["lane_mm2"])]
    analog_sd.append(float(common["fixed_mm2"]) * _log_sd(common["fixed_mm2"]))
    spread = math.hypot(*analog_sd) * float(process.analog_area_factor)
    if memory_bus_bits is None:
        share = common["typical_analog_share"]
        notes.append(f"memory interface not given: {float(share):.0%} of the area in interfaces, as in shipped GPUs")
        analog = (logic + sram) * float(share) / (1.0 - float(share))
        spread = analog * _log_sd(share)
    area = logic + sram + analog
    known = math.hypot(logic * _log_sd(density), sram * sram_sd, spread) / area
    single = float(common["die_area_error_old_log_sd" if _old(process) else "die_area_error_log_sd"])
    half = math.hypot(NORMAL_90 * known, T80 * single)
    return DieArea(area, area * math.exp(-half), area * math.exp(half), logic, sram, analog, tuple(notes))


def _old(process: Node) -> bool:
    return process.generation_nm is not None and process.generation_nm >= 40


def _density(process: Node, maker: str, common: dict[str, Parameter], notes: list[str]) -> Parameter:
    """Logic density of a maker's next design on a process, with the range that single designs have."""
    own = library.fitted(f"die-area {maker.lower()} {process.name}") if maker.lower() in MAKERS else {}
    if own:
        return own["logic_density_mtr_mm2"]
    notes.append(
        f"no GPU maker named whose densities are fitted ({', '.join(MAKERS)}): density of no maker in particular"
        if maker.lower() not in MAKERS
        else f"{process.name} is no process of the fit: its own density"
    )
    general, house = process.logic_density_mtr_mm2, float(common["house_log_sd"])
    wide = math.exp(NORMAL_90 * math.hypot(_log_sd(general), house))
    return Parameter(float(general), low=float(general) / wide, high=float(general) * wide, unit=general.unit)


def _log_sd(parameter: Parameter) -> float:
    """Standard deviation of the logarithm, from the range of 80 %."""
    low, high = parameter.low, parameter.high
    return math.log(high / low) / (2.0 * NORMAL_90) if high > low > 0 else 0.0
