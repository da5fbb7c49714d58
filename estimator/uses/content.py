"""Bottom up: a design that nobody has built, from its units, memory cells and interfaces."""

from __future__ import annotations

import math
from typing import Any

from estimator.errors import InfeasibleError, InputError
from estimator.estimation import Estimate, estimate
from estimator.model.build import node_numbers
from estimator.parameters import library
from estimator.parameters.schema import Design, Die, MemoryType, Node, Package, Parameter, check_number
from estimator.parameters.sets import load_set
from estimator.physics.area import BITS_PER_MBIT, TRANSISTORS_PER_BIT, link_area
from estimator.quantities import FIELDS, NORMAL_90, Field
from estimator.uses.die_area import MBIT_PER_MBYTE, DieArea, die_area

LIKE = {"stack": "h100-sxm", "device": "rtx-4090"}
"""Design whose clock and power at equal logic a new one takes where it states none, by its kind of memory."""
HBM_BITS, DEVICE_BITS = 1024.0, 32.0
_RATE = Field("flop_clk_unit", "1", "operations a clock of a unit", 0, 1e6)


def design_from_content(
    *,
    node: Any,
    units: float,
    sram_mbyte: float,
    memory: Any,
    memory_stacks: float,
    units_enabled: float | None = None,
    vector_flop_clk_unit: float = 256,
    tensor_flop_clk_unit: float = 1024,
    logic_mtr: float | None = None,
    links: float = 0,
    pcie_lanes: float = 16,
    dies: int = 1,
    maker: str = "",
    clock_ghz: float | None = None,
    power_w: float | None = None,
    name: str = "from content",
    **fields: Any,
) -> Design:
    """A design without a known area, from what it is to hold; its area has the 80 % interval of `estimator.die_area`.

    Logic follows the rates of the units, ``units x (a v + b t)`` with v and t their vector and tensor operations a clock, by a
    fit to the chips of ``params/designs`` (params/work/content.toml), unless `logic_mtr` says it. Area follows from logic, memory
    cells and interfaces by the fit to shipped dies. Clock and power that are not given are those which the model gives a known
    design of as much logic on that process.

    Parameters
    ----------
    node : str, path or Node
        Its process.
    units, units_enabled : float
        Compute units on all dies, and how many work. Default: all.
    sram_mbyte : float
        Registers, shared memory and caches of all dies, MB of 2^20 bytes.
    memory, memory_stacks : str or MemoryType, float
        Its memory, and stacks (HBM) or devices of 32 bits (GDDR).
    vector_flop_clk_unit, tensor_flop_clk_unit : float
        Dense operations a clock of a unit: single precision in vector lanes, 16 bits in tensor units.
    logic_mtr : float, optional
        Logic transistors of all dies, millions.
    links, pcie_lanes : float
        Links to other chips, and PCIe lanes.
    dies : int
        Equal dies that share the content, with links between them.
    maker : str
        As in `estimator.die_area`.
    clock_ghz, power_w : float, optional
        Clock of the rates, and power of the board at it.
    name, **fields
        Name and any other field of the `Design`.

    Returns
    -------
    Design

    Raises
    ------
    InputError
        For a number out of range, a die larger than the field of its process, or a clock and power that the model cannot give.

    Examples
    --------
    >>> gpu = design_from_content(node="tsmc-n3e", units=160, sram_mbyte=200, memory="hbm3e", memory_stacks=6, links=18,
    ...                           tensor_flop_clk_unit=8192, dies=2)
    >>> each = gpu.dies[0].area_mm2
    >>> 300 < each.low < each < each.high < 1000, float(gpu.units)
    (True, 160.0)
    """
    process, kind = library.load_node(node), library.load_memory(memory)
    built = check_number("units", units, FIELDS["units"])
    enabled = built if units_enabled is None else check_number("units_enabled", units_enabled, FIELDS["units_enabled"])
    count = check_number("dies", dies, FIELDS["dies"])
    stacks = check_number("memory_stacks", memory_stacks, FIELDS["memory_stacks"])
    cells = check_number("sram_mbyte", sram_mbyte, FIELDS["sram_mb"])
    vector, tensor = (
        check_number(name, value, _RATE)
        for name, value in (
            ("vector_flop_clk_unit", vector_flop_clk_unit),
            ("tensor_flop_clk_unit", tensor_flop_clk_unit),
        )
    )
    logic = _logic(built, vector, tensor, logic_mtr)
    stacked = kind.unit_kind == "stack"
    arrays = cells * MBIT_PER_MBYTE * float(library.fitted("die-area")["sram_extent"]) * TRANSISTORS_PER_BIT
    transistors = float(logic) + arrays * BITS_PER_MBIT / 1e6
    found = die_area(
        transistors_mtr=transistors / count,
        node=process,
        maker=maker,
        sram_mbyte=cells / count,
        memory_bus_bits=stacks * (HBM_BITS if stacked else DEVICE_BITS) / count,
        hbm=stacked,
        links=links / count,
        pcie_lanes=pcie_lanes / count,
    )
    area = _area(found, logic)
    _check_field(process, area, count)
    clock, power = _clock_and_power(process, kind, stacks, float(logic), clock_ghz, power_w)
    own: dict[str, Any] = {
        "name": name,
        "node": process.name,
        "memory": kind.name,
        "units": built,
        "units_enabled": enabled,
        "memory_stacks": stacks,
        "memory_gb": stacks * float(kind.capacity_gb),
        "memory_bw_gb_s": stacks * float(kind.bandwidth_gb_s),
        "transistors_mtr": transistors,
        "sram_mb": cells,
        "clock_ghz": clock,
        "power_w": power,
        "vector_tflops": enabled * vector * float(clock) / 1000.0,
        "tensor_tflops": enabled * max(tensor, vector) * float(clock) / 1000.0,
        "note": "area from content, for no such chip has been built",
    }
    if count == 1:
        return Design(**{**own, "die_area_mm2": area, **found.fractions, **fields})
    plain = Design(**{**own, "die_area_mm2": area, **fields})
    die = Die(count=int(count), **_linked(found, area, library.part_of(plain, "package"), process))
    return plain.replace(die_area_mm2=None, dies=(die,))


def _check_field(process: Node, area: Parameter, dies: float) -> None:
    """Refuse a die that its process cannot expose, however the doubt about its area (mm2) falls out."""
    numbers = node_numbers(process)
    field = float(numbers["reticle_width_mm"]) * float(numbers["reticle_height_mm"])
    if area.low > field:
        raise InputError(
            f"dies = {dies:g} is out of range: a die of {float(area):,.0f} mm2, at least {area.low:,.0f}, exceeds the field of "
            f"{field:,.0f} mm2 of {process.name}; it takes at least {math.ceil(area.low * dies / field):g} dies"
        )


def _logic(units: float, vector: float, tensor: float, logic_mtr: float | None) -> Parameter:
    """Logic transistors of a chip, millions: stated, or by the rates of its units with the spread of shipped chips."""
    if logic_mtr is not None:
        return Parameter(check_number("logic_mtr", logic_mtr, FIELDS["transistors_mtr"]))
    content = load_set("work", "content")
    unit = float(content["logic_mtr_vector_flop"]) * vector + float(content["logic_mtr_tensor_flop"]) * tensor
    if unit == 0:
        raise InputError(
            "vector_flop_clk_unit and tensor_flop_clk_unit are both 0, and units without operations have no logic: give one of "
            "them, or logic_mtr"
        )
    wide = math.exp(NORMAL_90 * float(content["logic_content_log_sd"]))
    return Parameter(units * unit, low=units * unit / wide, high=units * unit * wide)


def _area(found: DieArea, logic: Parameter) -> Parameter:
    """Area of one die (mm2) with the doubt about its logic added to that of the fit of areas."""
    share = found.logic_mm2 / found.area_mm2
    half = math.hypot(math.log(found.high / found.low) / 2.0, share * math.log(logic.high / logic.low) / 2.0)
    return Parameter(
        found.area_mm2,
        low=found.area_mm2 * math.exp(-half),
        high=found.area_mm2 * math.exp(half),
        unit="mm2",
        kind="estimate",
        note="; ".join(("area from content", *found.notes)),
    )


def _linked(found: DieArea, area: Parameter, package: Package, process: Node) -> dict[str, Any]:
    """Area and composition of one of several dies, with its interface to the others."""
    link = float(
        link_area(
            d2d_bandwidth_tb_s=float(package.d2d_bandwidth_tb_s),
            d2d_area_mm2_per_tbps=float(package.d2d_area_mm2_per_tbps),
            analog_area_factor=float(process.analog_area_factor),
        )
    )
    whole = found.area_mm2 + link
    parts = {"logic": found.logic_mm2, "sram": found.sram_mm2, "analog": found.analog_mm2 + link}
    grown = Parameter(whole, low=area.low + link, high=area.high + link, unit="mm2", kind="estimate", note=area.note)
    return {"area_mm2": grown, **{f"{n}_fraction": mm2 / whole for n, mm2 in parts.items()}}


def _clock_and_power(
    process: Node, memory: MemoryType, stacks: float, logic: float, clock_ghz: float | None, power_w: float | None
) -> tuple[Parameter | float, Parameter | float]:
    """Clock (GHz) and board power (W): as given, or those of a known design of as much logic on that process."""
    if clock_ghz is not None and power_w is not None:
        return clock_ghz, power_w
    like = library.load_design(LIKE["stack" if memory.unit_kind == "stack" else "device"])
    est = _alike(like, process, memory, stacks, logic, clock_ghz)
    wide = math.exp(NORMAL_90 * float(load_set("work", "content")["content_power_log_sd"]))
    told = {"kind": "estimate", "note": f"that of {like.name} with as much logic on this process"}
    watts = float(est.power_w)
    return (
        Parameter(float(est.clock_ghz), unit="GHz", **told) if clock_ghz is None else clock_ghz,
        Parameter(watts, low=watts / wide, high=watts * wide, unit="W", **told) if power_w is None else power_w,
    )


def _alike(
    like: Design, process: Node, memory: MemoryType, stacks: float, logic: float, clock_ghz: float | None
) -> Estimate:
    """A known design with as much logic as another on a process, at its own clock there or a given one."""
    rate = 1000.0 / (float(like.units_enabled or 0.0) * float(like.clock_ghz))
    own = _logic(
        float(like.units or 0.0), float(like.vector_tflops or 0.0) * rate, float(like.tensor_tflops or 0.0) * rate, None
    )
    units = max(1.0, round(float(like.units or 0.0) * logic / float(own)))
    options: dict[str, Any] = {"units": units, "memory": memory, "memory_stacks": stacks}
    if clock_ghz is not None:
        options["clock_ghz"] = clock_ghz
    try:
        return estimate(like, process, **options)
    except InfeasibleError as error:
        raise InputError(f"clock_ghz and power_w cannot be taken from a known design, so give both: {error}") from None


__all__ = ["design_from_content"]
