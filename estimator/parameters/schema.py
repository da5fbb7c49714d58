"""Data models of everything a parameter file may hold, validated with one clear sentence per fault."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator

from estimator.checks import check_choice, check_numbers
from estimator.errors import InputError, ParameterFileError, did_you_mean, shown
from estimator.physics.occupancy import MOST_SPARE_CHANNELS
from estimator.quantities import FIELDS, Field

KINDS = ("measured", "vendor", "model", "estimate", "fit", "given")
WORKLOADS = ("training", "compute", "memory", "decode", "prefill", "graphics", "idle")
"""What a GPU is at work on; the numbers of each are in params/work/workloads.toml."""
STYLES = ("gpu", "graphics", "cpu", "soc", "npu", "wafer")
"""Kinds of chips: a GPU; graphics without programmable rates; a CPU; a phone's system on chip; an accelerator; a whole wafer."""
GRIDS = (
    "world",
    "china",
    "europe",
    "france",
    "germany",
    "india",
    "japan",
    "korea",
    "malaysia",
    "norway",
    "singapore",
    "sweden",
    "taiwan",
    "usa",
)
"""Grids that a GPU may be used on; the greenhouse gases of each are in params/work/grids.toml."""
MAX_NAME = 120
MOST_PACKAGES = 3
"""Packages that a process may name."""
MOST_STEPS = 6
"""Entries of a package's roadmap."""
MAX_TEXT = 4000
_PLAIN = (int, float, int | None, float | None)
_KEYS = ("low", "central", "high", "unit", "kind", "source", "note", "rows", "fit_error")


def _real(name: str, value: object) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InputError(f"{name} = {shown(value)} of a Parameter is not a number")
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{name} of a Parameter is beyond any number") from None


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} = {shown(value)} of a Parameter must be text")
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
        raise InputError(f"{name} = {shown(value)} of a Parameter must be a list of texts")
    return tuple(value)


def ends(value: Any) -> tuple[Any, Any, Any]:
    """Low, central and high value of a number; one without a range, such as an override, is all three."""
    return (value.low, value.central, value.high) if isinstance(value, Parameter) else (value, value, value)


class Parameter(float):
    """A number that knows its range and where it comes from; behaves as a float of its central value.

    Attributes
    ----------
    low, high : float
        Range of plausible values around the central one.
    unit, kind, note : str
        Unit; one of `KINDS` (``given``: from the caller, without source); reasoning.
    source : tuple of str
        Keys of the bibliography in ``params/sources``.
    rows : tuple of str
        Data rows that a fitted value used.
    key : str
        Where the number was first stated (kind, name and field): inherited or borrowed elsewhere, it is still one assumption.
    """

    low: float
    high: float
    unit: str
    kind: str
    source: tuple[str, ...]
    note: str
    rows: tuple[str, ...]
    fit_error: float | None
    key: str = ""

    def __new__(cls, value: float, /, **extra: Any) -> Self:
        self = super().__new__(cls, _real("value", value))
        self.low = _real("low", extra.get("low", value))
        self.high = _real("high", extra.get("high", value))
        self.unit, self.kind, self.note = (
            _text(n, extra.get(n, usual)) for n, usual in (("unit", ""), ("kind", "given"), ("note", ""))
        )
        self.source, self.rows = (_texts(n, extra.get(n, ())) for n in ("source", "rows"))
        error = extra.get("fit_error")
        self.fit_error = None if error is None else _real("fit_error", error)
        return self

    @property
    def central(self) -> float:
        """The central value as a plain float."""
        return float(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in a parameter file."""
        data: dict[str, Any] = {
            "low": self.low,
            "central": self.central,
            "high": self.high,
            "unit": self.unit,
            "kind": self.kind,
            "source": list(self.source),
            "note": self.note,
        }
        if self.rows:
            data["rows"] = list(self.rows)
        if self.fit_error is not None:
            data["fit_error"] = self.fit_error
        return data


def check_number(name: str, value: object, field: Field) -> float:
    """Return a value as float if it is a finite number in the field's range; otherwise raise the sentence."""
    array = check_numbers(name, value, field)
    if array.ndim:
        raise InputError(f"{name} = {shown(value)} must be a single number, {field.range_text}")
    return float(array)


def _in_order(name: str, low: float, central: float, high: float) -> None:
    if not low <= central <= high:
        raise InputError(f"{name}: low = {low:g}, central = {central:g}, high = {high:g} are not in ascending order")


def parse_parameter(name: str, value: object) -> Parameter:
    """Parse one number of a parameter file: a plain number, or a table with low, central, high, unit, kind, source."""
    field = FIELDS.get(name.removeprefix("default_")) if isinstance(name, str) else None
    if field is None:
        raise InputError(f"{shown(name)} has no entry in the table of fields")
    if isinstance(value, Parameter):
        _in_order(
            name,
            *(
                check_number(f"{name}.{k}", float(v), field)
                for k, v in (("low", value.low), ("central", value.central), ("high", value.high))
            ),
        )
        return value
    if not isinstance(value, dict):
        number = check_number(name, value, field)
        return Parameter(number, unit=field.unit)
    for key in value:
        if key not in _KEYS:
            raise InputError(f"{name}.{shown(key).strip(chr(39))} is an unknown key{did_you_mean(shown(key), _KEYS)}")
    for key in ("central", "unit", "kind"):
        if key not in value:
            raise InputError(f"{name}.{key} is missing")
    low, central, high = (
        check_number(f"{name}.{k}", value.get(k, value["central"]), field) for k in ("low", "central", "high")
    )
    _in_order(name, low, central, high)
    if not isinstance(value["unit"], str) or value["unit"] != field.unit:
        raise InputError(f"{name}.unit = {shown(value['unit'])} must be {field.unit!r}")
    if not isinstance(value["kind"], str) or value["kind"] not in KINDS:
        raise InputError(f"{name}.kind = {shown(value['kind'])} must be one of {', '.join(KINDS)}")
    source = value.get("source", [])
    source = [source] if isinstance(source, str) else source
    if not isinstance(source, list) or not all(isinstance(s, str) and 0 < len(s) <= MAX_TEXT for s in source):
        raise InputError(f"{name}.source must be a list of bibliography keys or texts of at most {MAX_TEXT} characters")
    note = value.get("note", "")
    if not isinstance(note, str) or len(note) > MAX_TEXT:
        raise InputError(f"{name}.note must be text of at most {MAX_TEXT} characters")
    if value["kind"] == "estimate" and not note:
        raise InputError(f"{name} is an estimate without a note that gives its reasoning")
    if value["kind"] not in ("estimate", "given") and not source:
        raise InputError(f"{name} has no source; give source = [...] or kind = 'estimate' with a note")
    rows = value.get("rows", [])
    rows = [rows] if isinstance(rows, int) else rows
    fit_error = value.get("fit_error")
    if not isinstance(rows, list) or not (fit_error is None or isinstance(fit_error, (int, float))):
        raise InputError(f"{name}: rows must be a list and fit_error a number")
    return Parameter(
        central,
        low=low,
        high=high,
        unit=field.unit,
        kind=value["kind"],
        source=source,
        note=note,
        rows=[r if isinstance(r, str) else shown(r) for r in rows],
        fit_error=fit_error,
    )


class Entity(BaseModel):
    """Base of all data models: frozen, unknown keys forbidden, numbers parsed as `Parameter`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    name: str
    label: str = ""
    note: str = ""

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise _sentence(type(self), error, data.get("name")) from None
        for field, value in self.parameters.items():
            value.key = value.key or f"{type(self).__name__}:{getattr(self, 'role', '')}:{self.name}:{field}"

    @field_validator("*", mode="before")
    @classmethod
    def _parse_numbers(cls, value: object, info: ValidationInfo) -> object:
        name = info.field_name or ""
        annotation = cls.model_fields[name].annotation
        if annotation is Parameter or annotation == (Parameter | None):
            return None if value is None and annotation is not Parameter else parse_parameter(name, value)
        if annotation is bool and not isinstance(value, bool):
            raise InputError(f"{name} = {shown(value)} must be true or false")
        if annotation in _PLAIN and value is not None:  # a year, a count
            number = check_number(name, value, FIELDS[name])
            return int(number) if annotation in (int, int | None) and number == int(number) else number
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise InputError(f"{name} is longer than {MAX_TEXT} characters")
        return value

    @field_validator("name", "label")
    @classmethod
    def _one_short_line(cls, value: str, info: ValidationInfo) -> str:
        if len(value) > MAX_NAME or len(value.splitlines()) > 1:
            raise InputError(f"{info.field_name} = {value[:40]!r}... must be one line of at most {MAX_NAME} characters")
        return value

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """All numbers of this entity that are set, by field name; to be read only."""
        return {k: v for k, v in ((n, getattr(self, n)) for n in type(self).model_fields) if isinstance(v, Parameter)}

    def values(self) -> dict[str, float]:
        """Central values of all numbers that are set, by field name."""
        return {k: float(v) for k, v in self.parameters.items()}

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed (checked as if loaded); a plain number keeps no range and no source."""
        data = {n: getattr(self, n) for n in type(self).model_fields if n in self.model_fields_set}
        return type(self)(**{**data, **changes})


def _sentence(cls: type[Entity], error: ValidationError, name: object) -> ParameterFileError:
    """First fault of a validation as one sentence."""
    kind = cls.__name__.lower()
    first = error.errors(include_url=False)[0]
    where = ".".join(str(p) for p in first["loc"]) or kind
    who = f"{kind} {str(name)[:60]!r}: " if isinstance(name, str) and name else f"{kind}: "
    if first["type"] == "extra_forbidden":
        return ParameterFileError(f"{who}unknown field {where[:60]!r}{did_you_mean(where, cls.model_fields)}")
    if first["type"] == "missing":
        return ParameterFileError(f"{who}field {where!r} is missing")
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, InputError):
        prefix = ".".join(str(p) for p in first["loc"][:-1])
        return ParameterFileError(f"{who}{prefix + ': ' if prefix else ''}{inner}")
    return ParameterFileError(f"{who}{where} = {shown(first.get('input'))}: {' '.join(first['msg'].split())}")


class Node(Entity):
    """One foundry's process. Its name is a name: never parsed for a number."""

    foundry: str
    line: str = "other"
    device: str = "finfet"
    process_family: str = ""
    coarse: bool = False
    packages_available: tuple[str, ...] = ()  # packages that customers of the process can get, the smallest first
    generation_nm: float | None = None  # a label for order and plots, not a dimension of the model
    volume_year: float | None = None
    logic_density_mtr_mm2: Parameter
    sram_density_mb_mm2: Parameter
    analog_area_factor: Parameter
    logic_density_peak_mtr_mm2: Parameter | None = None
    sram_bitcell_um2: Parameter | None = None
    contacted_gate_pitch_nm: Parameter | None = None
    metal_pitch_nm: Parameter | None = None
    supply_v: Parameter
    supply_min_v: Parameter
    supply_max_v: Parameter
    supply_hp_v: Parameter | None = None  # of the high-performance library, where supply_v is that of another
    threshold_v: Parameter
    supply_insensitive_fraction: Parameter
    gate_delay_ps: Parameter
    switched_cap_relative: Parameter
    leakage_logic_w_mm2: Parameter
    leakage_sram_w_mm2: Parameter
    wire_delay_ps_mm: Parameter
    defect_density_mature_per_cm2: Parameter
    defect_density_launch_per_cm2: Parameter
    learning_quarters: Parameter
    clustering_alpha: Parameter
    wafer_cost_usd: Parameter
    wafer_cost_year: Parameter | None = None
    mask_set_musd: Parameter
    design_cost_musd: Parameter
    wafer_capacity_per_month: Parameter | None = None
    cycle_weeks: Parameter | None = None
    clock_shipped_ghz: Parameter | None = None
    memory_pin_rate_max_gb_s: Parameter | None = None
    gddr_pin_rate_max_gb_s: Parameter | None = None
    serdes_rate_max_gb_s: Parameter | None = None
    d2d_rate_relative: Parameter | None = None
    d2d_energy_relative: Parameter | None = None
    fab_energy_kwh_cm2: Parameter | None = None  # of the class of process, where it is not given
    fab_gas_kgco2e_cm2: Parameter | None = None
    fab_grid_kgco2e_kwh: Parameter | None = None  # of the foundry's grid, where it is not given
    reticle_width_mm: Parameter | None = None
    reticle_height_mm: Parameter | None = None

    @field_validator("packages_available", mode="before")
    @classmethod
    def _few_names(cls, value: object) -> object:
        names = value if isinstance(value, (list, tuple)) else None
        if (
            names is None
            or len(names) > MOST_PACKAGES
            or not all(isinstance(n, str) and len(n) <= MAX_NAME for n in names)
        ):
            raise InputError(f"packages_available must be a list of at most {MOST_PACKAGES} names of packages")
        return tuple(names)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.supply_min_v <= self.threshold_v:
            raise InputError(
                f"supply_min_v = {self.supply_min_v:g} V must be above threshold_v = {self.threshold_v:g} V"
            )
        if not self.supply_min_v <= self.supply_v <= self.supply_max_v:
            raise InputError(
                f"supply_v = {self.supply_v:g} V must lie between supply_min_v = {self.supply_min_v:g} V "
                f"and supply_max_v = {self.supply_max_v:g} V"
            )
        if self.defect_density_mature_per_cm2 > self.defect_density_launch_per_cm2:
            raise InputError(
                f"defect_density_mature_per_cm2 = {self.defect_density_mature_per_cm2:g} must be at most "
                f"defect_density_launch_per_cm2 = {self.defect_density_launch_per_cm2:g}"
            )
        return self


ROLES = ("compute", "cache", "io", "base", "memory-base", "cpu")
"""What a kind of die is for: the compute units; else cache, interfaces, carrying other dies, memory under logic, a host CPU."""
COMPOSITION = ("logic_fraction", "sram_fraction", "analog_fraction", "unit_area_fraction", "memory_area_fraction")
"""Shares of a die's area."""


class Die(Entity):
    """One kind of die of a design: its role, node, area, how many, its composition, and the kind that it lies on.

    ``on`` names that kind by its role or name; dies that lie on none stand side by side. A part with ``wafer_scale`` is not cut at
    the reticle: one is a whole wafer. ``power_fraction`` is the share of the design's dynamic power in all dies of the kind.
    """

    name: str = "die"
    role: str = "compute"
    node: str = ""
    on: str = ""
    wafer_scale: bool = False
    count: int = 1
    area_mm2: Parameter
    transistors_mtr: Parameter | None = None
    sram_mb: Parameter | None = None
    logic_fraction: Parameter | None = None
    sram_fraction: Parameter | None = None
    analog_fraction: Parameter | None = None
    unit_area_fraction: Parameter | None = None
    memory_area_fraction: Parameter | None = None
    power_fraction: Parameter | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        check_choice("role", self.role, ROLES)
        if self.role == "compute" and self.power_fraction is not None:
            raise InputError("power_fraction belongs to the other dies: compute dies take what is left")
        parts = [self.logic_fraction, self.sram_fraction, self.analog_fraction]
        known = sum(float(p) for p in parts if p is not None)
        if known > 1 + 1e-6 or (None not in parts and abs(known - 1) > 1e-3):
            raise InputError(f"logic_fraction, sram_fraction and analog_fraction add up to {known:g} instead of 1")
        return self


class Design(Entity):
    """A GPU at its home node. Only node, die_area_mm2 (or dies), clock_ghz and power_w are needed.

    Three clocks: ``clock_ghz`` is that of the quoted rates (``tensor_tflops``, ``vector_tflops``), which follow it;
    ``clock_rated_ghz`` is the one held at ``power_w``, from which supply, timing, power and temperature are anchored (where it is
    not given, that is ``clock_ghz``); ``clock_max_ghz`` is the highest of the maker's table: at home a clock up to it may be asked
    for, whatever supply that takes.
    ``workload`` is what the board does at ``power_w``; ``board_limit_w`` is the power limit of the board, if it is another.
    ``style`` says what kind of chip it is (``gpu``, ``graphics``, ``cpu``, ``soc``, ``npu``, ``wafer``): one of another style than
    a GPU has no rate of work and no memory that it does not state, and shares of area of its own (params/work/styles.toml).
    """

    node: str
    vendor: str = ""
    architecture: str = ""
    cooling: str = ""
    package: str = ""
    memory: str = ""
    product_class: str = ""
    style: str = ""
    year: int | None = None
    stacked: bool = (
        False  # short for `on` of the compute dies: they sit on the first other kind, the I/O dies if there are any
    )
    wafer_scale: bool = False  # of a design of one die: not cut at the reticle
    dies: tuple[Die, ...] = ()
    clock_ghz: Parameter
    power_w: Parameter
    die_area_mm2: Parameter | None = None
    transistors_mtr: Parameter | None = None
    logic_fraction: Parameter | None = None
    sram_fraction: Parameter | None = None
    analog_fraction: Parameter | None = None
    unit_area_fraction: Parameter | None = None
    memory_area_fraction: Parameter | None = None
    clock_rated_ghz: Parameter | None = None
    clock_max_ghz: Parameter | None = None
    workload: str = ""
    board_limit_w: Parameter | None = None
    supply_floor_v: Parameter | None = None
    traffic_fraction: Parameter | None = None
    memory_time_fraction: Parameter | None = None
    activity: Parameter | None = None
    supply_v: Parameter | None = None
    board_loss_fraction: Parameter | None = None
    io_die_power_fraction: Parameter | None = None
    memory_power_w: Parameter | None = None
    io_power_w: Parameter | None = None
    units: Parameter | None = None
    units_enabled: Parameter | None = None
    memory_channels: Parameter | None = None
    memory_channels_enabled: Parameter | None = None
    memory_stacks: Parameter | None = None
    memory_gb: Parameter | None = None
    memory_bought_gb: Parameter | None = None
    memory_bw_gb_s: Parameter | None = None
    tensor_tflops: Parameter | None = None
    vector_tflops: Parameter | None = None
    tpp: Parameter | None = None
    link_bw_gb_s: Parameter | None = None
    link_lane_gb_s: Parameter | None = None
    sram_mb: Parameter | None = None
    price_usd: Parameter | None = None
    junction_max_c: Parameter | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if bool(self.dies) == (self.die_area_mm2 is not None):
            raise InputError("give either die_area_mm2 (one die) or dies (a list), and not both")
        if self.workload:
            check_choice("workload", self.workload, WORKLOADS)
        if self.style:
            check_choice("style", self.style, STYLES)
        compute = sum(d.role == "compute" for d in self.dies)
        if self.dies and compute != 1:
            raise InputError(
                f"dies holds {compute} kinds of role 'compute': it must hold one, with the compute units, and any number of "
                f"others ({', '.join(ROLES[1:])})"
            )
        for die in self.dies:
            if die.role == "compute" and die.node not in ("", self.node):
                raise InputError(
                    f"dies: node = {die.node!r} of the compute die must be the design's node, {self.node!r}, or left out"
                )
        if self.dies:
            lost = [n for n in COMPOSITION if getattr(self, n) is not None]
            if lost:
                raise InputError(f"{lost[0]} belongs into one of the dies, where dies are given")
        named = [(d.role, d.name) for d in self.dies]
        twice = next((role for role, name in named if named.count((role, name)) > 1), None)
        if twice is not None:
            raise InputError(f"dies: two kinds of role {twice!r} need different names")
        taken = sum(float(d.power_fraction or 0.0) for d in self.dies)
        if taken > 1:
            raise InputError(f"power_fraction of the dies adds up to {taken:g}: it must be at most 1")
        if self.stacked and len(self.dies) < 2:
            raise InputError(
                "stacked = true needs another kind of die for the compute dies to sit on, such as an io die"
            )
        if self.stacked and any(d.on for d in self.dies):
            raise InputError("stacked = true is short for `on` of the compute dies: give one of them")
        if self.dies and self.wafer_scale:
            raise InputError("wafer_scale belongs into one of the dies, where dies are given")
        _ = self.layers
        for few, many in (("units_enabled", "units"), ("memory_channels_enabled", "memory_channels")):
            a, b = getattr(self, few), getattr(self, many)
            if a is not None and b is not None and a > b:
                raise InputError(f"{few} = {a:g} is out of range: it must be at most {many} = {b:g}")
        spare = (self.memory_channels or 0.0) - (self.memory_channels_enabled or self.memory_channels or 0.0)
        if spare > MOST_SPARE_CHANNELS:
            raise InputError(
                f"memory_channels_enabled is out of range: at most {MOST_SPARE_CHANNELS} channels may be disabled"
            )
        return self

    @cached_property
    def layers(self) -> tuple[int | None, ...]:
        """For each of `die_kinds` the index of the kind that it lies on; None for one that lies on none."""
        kinds = self.die_kinds
        if self.stacked:
            io = next((i for i, d in enumerate(kinds) if d.role == "io"), 1)
            return (io, *(None for _ in kinds[1:]))
        found = tuple(_place(die, kinds) for die in kinds)
        for start in range(len(kinds)):
            below, steps = found[start], 0
            while below is not None:
                below, steps = found[below], steps + 1
                if steps >= len(kinds):
                    raise InputError(f"dies: on = {kinds[start].on[:40]!r} puts dies on each other in a circle")
        return found

    @cached_property
    def die_kinds(self) -> tuple[Die, ...]:
        """The dies, compute first; the one-die shorthand as a die."""
        if self.dies:
            return tuple(sorted(self.dies, key=lambda d: d.role != "compute"))
        own = {n: getattr(self, n) for n in Die.model_fields if n in Design.model_fields and n not in ("name", "note")}
        return (
            Die(
                name="die",
                role="compute",
                count=1,
                **{"area_mm2": self.die_area_mm2, **{k: v for k, v in own.items() if v is not None and k != "label"}},
            ),
        )


def _place(die: Die, kinds: tuple[Die, ...]) -> int | None:
    """Index of the kind that a die lies on, by its name or role."""
    if not die.on:
        return None
    named = [i for i, d in enumerate(kinds) if d is not die and d.name == die.on]
    named = named or [i for i, d in enumerate(kinds) if d is not die and d.role == die.on]
    if len(named) != 1:
        others = [n for d in kinds if d is not die for n in (d.role, d.name) if n != "die"]
        none = "no other kind is" if not named else "several kinds are"
        raise InputError(f"dies: on = {die.on[:40]!r}: {none} of that role or name{did_you_mean(die.on[:40], others)}")
    return named[0]


class Cooling(Entity):
    """A way to take the heat away."""

    coolant_c: Parameter
    resistance_area_k_mm2_w: Parameter
    resistance_sink_k_w: Parameter
    cost_usd: Parameter | None = None
    module_power_max_w: Parameter | None = None
    air_flow_m3_s: Parameter | None = None  # of a cooling by air


class Package(Entity):
    """Substrate, interposer and die-to-die links."""

    substrate_cost_usd_mm2: Parameter
    substrate_area_factor: Parameter
    interposer_wafer_usd: Parameter
    interposer_area_factor: Parameter
    interposer_defect_density_per_cm2: Parameter
    interposer_max_area_mm2: Parameter
    bond_yield_fraction: Parameter
    memory_site_area_mm2: Parameter
    fixed_cost_usd: Parameter
    d2d_area_mm2_per_tbps: Parameter
    d2d_energy_pj_bit: Parameter
    d2d_bandwidth_tb_s: Parameter
    package_nre_musd: Parameter | None = None
    package_nre_musd_mm2: Parameter | None = None
    price_year: float | None = None  # that interposer_wafer_usd is of
    supports_hbm: bool = False
    field_years: tuple[float, ...] = ()
    field_areas_mm2: tuple[float, ...] = ()

    @field_validator("field_years", "field_areas_mm2", mode="before")
    @classmethod
    def _numbers(cls, value: object, info: ValidationInfo) -> object:
        row = FIELDS["year" if info.field_name == "field_years" else "interposer_max_area_mm2"]
        if not isinstance(value, (list, tuple)) or len(value) > MOST_STEPS:
            raise InputError(f"{info.field_name} must be a list of at most {MOST_STEPS} numbers")
        return tuple(check_number(info.field_name or "", v, row) for v in value)

    @model_validator(mode="after")
    def _roadmap(self) -> Self:
        years = self.field_years
        if len(years) != len(self.field_areas_mm2) or any(a >= b for a, b in pairwise(years)):
            raise InputError("field_years must rise, and field_areas_mm2 give an area for each")
        return self


class Product(Entity):
    """A class of product: what test, assembly, board, cooler and host around the same silicon cost."""

    coolings: tuple[str, ...] = ()  # coolings that only this class has
    test_fixed_usd: Parameter
    test_cost_usd_mm2: Parameter
    assembly_cost_usd: Parameter
    board_fixed_usd: Parameter
    board_cost_usd_w: Parameter
    cooler_cost_usd_w: Parameter
    cooler_cost_share: Parameter
    package_fixed_share: Parameter
    host_cost_usd: Parameter
    host_power_w: Parameter


class MemoryType(Entity):
    """A kind of memory, per stack (HBM), per 32-bit device (GDDR) or per 64-bit package (LPDDR): ``unit_kind`` says which."""

    unit_kind: str = "stack"
    year: int | None = None
    width_bits: int | None = None
    price_year: float | None = None  # that the price is of
    bandwidth_gb_s: Parameter
    capacity_gb: Parameter
    energy_pj_bit: Parameter
    static_w: Parameter
    cost_usd_gb: Parameter
    phy_area_mm2: Parameter
    embodied_kgco2e_gb: Parameter
    board_floor_fraction: Parameter | None = None


class Series(Entity):
    """What one quantity came to in some years: a price in dollars of each year, or a capacity.

    It is that of every thing whose name, process family or foundry line is in `of`.
    """

    quantity: str
    of: tuple[str, ...]
    years: tuple[float, ...]
    values_by_year: tuple[Parameter, ...]

    def __init__(self, /, points: object = (), **data: Any) -> None:
        quantity, table = data.get("quantity"), points if isinstance(points, (list, tuple)) else ()
        rows = [dict(p) for p in table if isinstance(p, dict) and "year" in p]
        if quantity not in FIELDS or len(rows) != len(table) or not rows:
            raise ParameterFileError(
                f"series {shown(data.get('name'))}: give quantity, a row of the table of quantities, and points, each with a year"
            )
        years = tuple(check_number("year", row.pop("year"), FIELDS["date"]) for row in rows)
        if any(a >= b for a, b in pairwise(years)):
            raise ParameterFileError(f"series {shown(data.get('name'))}: the years of points must rise")
        try:
            values = tuple(parse_parameter(str(quantity), row) for row in rows)
        except InputError as error:
            raise ParameterFileError(f"series {shown(data.get('name'))}: {error}") from None
        super().__init__(years=years, values_by_year=values, **data)
