"""The one table of arguments of the formulas that are no field of their own: long name and allowed range of each."""

from __future__ import annotations

from estimator.fields import FIELDS, Field

_T = True
_ROWS: list[tuple[object, ...]] = [
    # --- area and wafer
    ("home_area_mm2", "mm2", "area at home", 0, 1e8),
    ("home_density", "", "density at home", 0.01, 2000),
    ("density", "", "density on the target node", 0.01, 2000),
    ("home_factor", "1", "analog factor at home", 0.01, 100),
    ("factor", "1", "analog factor on the target node", 0.01, 100),
    ("any_area_mm2", "mm2", "area", 0, 1e8),
    ("one_die_mm2", "mm2", "area of one die", 1e-3, 1e6),
    ("reticle_area_mm2", "mm2", "area of the reticle field", 1, 10000),
    ("side_mm", "mm", "side of a die", 0.5, 2000),
    # --- yield and cost
    ("mean", "1", "mean defects per die", 0, 1e9),
    ("any_defects_per_cm2", "1/cm2", "defect density", 0, 1000),
    ("any_alpha", "1", "defect clustering; infinite for none", 0.01),
    ("gross_dies", "1", "gross dies per wafer", 1e-3, 1e9),
    ("sold_fraction", "1", "sellable fraction of dies", 1e-12, 1),
    ("parts", "1", "bonded parts", 0, 1e5),
    ("linked_dies", "1", "dies with a die-to-die interface that the original does not have", 0, 1e5),
    ("design_share", "1", "share of a full new design", 0, 2),
    ("nre_musd", "M USD", "design and masks", 0, 1e6),
    ("any_usd", "USD", "amount", 0, 1e15),
    ("signed_usd", "USD", "amount, either sign", -1e15, 1e15),
    ("years", "year", "years", 0, 1e6),
    ("hours", "h", "hours", 1e-3, 1e9),
    # --- timing, power, heat
    ("any_supply_v", "V", "supply voltage", 0, 10),
    ("nominal_supply_v", "V", "nominal supply voltage", 0.2, 10),
    ("any_threshold_v", "V", "effective threshold voltage", 0, 5),
    ("relative_delay", "1", "delay over that at nominal supply", 0, 1e6),
    ("length_mm", "mm", "length of a wire", 0, 1e5),
    ("share", "1", "share", 0, 1),
    ("ratio", "1", "ratio", 0, 1e6),
    ("power_ceiling_w", "W", "ceiling on die power; infinite for none", -1e9),
    ("any_power_w", "W", "power", 0, 1e9),
    ("die_power_w", "W", "die power, below zero where the rest takes more than there is", -1e9, 1e9),
    ("any_clock_ghz", "GHz", "clock", 1e-6, 1000),
    ("any_temperature_c", "C", "temperature", -273.15, 1000),
    ("resistance_k_w", "K/W", "thermal resistance", 1e-6, 1000),
    ("gain", "1", "gain of the leakage-temperature loop", 0, 1e300),
    ("delay_ns", "ns", "delay", 0, 1e6),
    ("gate_ns", "ns", "gate delay of the critical path", 1e-6, 1e6),
    ("switched_w", "W/(V2 GHz)", "dynamic power coefficient", 1e-6, 1e9),
    # --- throughput, training, serving
    ("rate_tflops", "TFLOPS", "rate", 1e-6, 1e9),
    ("distance_mm", "mm", "distance", 0, 1e6),
    ("cycles", "1", "cycles", 0, 1e9),
    ("bandwidth_any_gb_s", "GB/s", "bandwidth", 1e-6, 1e12),
    ("efficiency", "1", "share of a rate that is reached", 1e-6, 1),
    ("method", "1", "factor of precision and kind of model", 1e-3, 1e3),
    ("days_allowed", "d", "wall-clock time", 1e-3, 1e6),
    ("work_gpu_hours", "h", "GPU-hours without loss by scale-out", 1e-3, 1e15),
    ("cluster_gpus", "1", "GPUs of a cluster", 1, 1e9),
    # --- supply and export rules
    ("dies_per_gpu", "1", "dies per GPU", 1, 1e5),
    ("some_wafers", "1", "wafers", 0, 1e15),
    ("capacity", "wafers/month", "fab capacity", 1e-3, 1e9),
    ("dense_tops", "TOPS", "dense rate", 0, 1e9),
    ("density_or_none", "1/mm2", "performance density; NaN where it is not defined", 0, 1e5),
    ("bit_length", "1", "bits of an operation", 1, 1024),
]

UNLIMITED = ("any_alpha", "power_ceiling_w")
"""Arguments that may be infinite."""
UNDEFINABLE = ("density_or_none",)
"""Arguments that may be NaN."""

ARGUMENTS: dict[str, Field] = {**FIELDS, **{str(row[0]): Field(*row) for row in _ROWS}}  # type: ignore[arg-type]
