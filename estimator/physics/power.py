"""Power of a GPU: dynamic, global interconnect, leakage, and what does not scale with the logic node."""

from __future__ import annotations

import math

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula

LEAKAGE_REFERENCE_C = 85.0  # the temperature at which leakage parameters are stated (part of their definition)


@formula()
def leakage_supply_factor(*, supply_v: Num, nominal_supply_v: Num, leakage_voltage_scale_v: Num) -> Array:
    """Leakage power relative to that at nominal supply, at one temperature: ``(V/V0) exp((V - V0)/vs)``.

    Current rises exponentially with supply (drain-induced barrier lowering), e.g. Butts and Sohi, MICRO 2000. Valid for
    0.4 to 1.3 V.

    Examples
    --------
    >>> round(float(leakage_supply_factor(supply_v=1.0, nominal_supply_v=0.8, leakage_voltage_scale_v=0.2)), 4)
    3.3979
    """
    v = np.asarray(supply_v, float)
    return np.asarray(v / nominal_supply_v * np.exp((v - nominal_supply_v) / leakage_voltage_scale_v))


@formula(junction_c="any_temperature_c")
def leakage_factor(
    *,
    supply_v: Num,
    nominal_supply_v: Num,
    junction_c: Num,
    leakage_voltage_scale_v: Num,
    leakage_doubling_k: Num,
) -> Array:
    """Leakage power relative to that at nominal supply and 85 C.

    ``(V/V0) exp((V - V0)/vs) 2**((T - 85)/Td)``: `leakage_supply_factor`, and current rises exponentially with temperature
    (subthreshold slope and threshold shift), e.g. Butts and Sohi, MICRO 2000. Valid for 0.4 to 1.3 V and 20 to 125 C.

    Examples
    --------
    >>> float(leakage_factor(supply_v=0.8, nominal_supply_v=0.8, junction_c=110, leakage_voltage_scale_v=0.25,
    ...                      leakage_doubling_k=25))
    2.0
    """
    warmer = (np.asarray(junction_c, float) - LEAKAGE_REFERENCE_C) * (
        math.log(2.0) / np.asarray(leakage_doubling_k, float)
    )
    return leakage_supply_factor(
        supply_v=supply_v, nominal_supply_v=nominal_supply_v, leakage_voltage_scale_v=leakage_voltage_scale_v
    ) * np.exp(warmer)


@formula(logic_area_mm2="any_area_mm2", sram_area_mm2="any_area_mm2")
def leakage_at_reference(
    *, logic_area_mm2: Num, sram_area_mm2: Num, leakage_logic_w_mm2: Num, leakage_sram_w_mm2: Num
) -> Array:
    """Leakage of the logic and SRAM areas of a die at nominal supply and 85 C, in W.

    Examples
    --------
    >>> float(leakage_at_reference(logic_area_mm2=500, sram_area_mm2=200, leakage_logic_w_mm2=0.04,
    ...                            leakage_sram_w_mm2=0.005))
    21.0
    """
    return np.asarray(
        np.asarray(logic_area_mm2, float) * leakage_logic_w_mm2 + np.asarray(sram_area_mm2, float) * leakage_sram_w_mm2
    )


@formula(gate_ratio="ratio", length_ratio="ratio")
def switched_capacitance_ratio(*, gate_ratio: Num, length_ratio: Num, interconnect_fraction: Num) -> Array:
    """Capacitance switched per clock relative to home: gates with local wires, and global wires with distance.

    ``(1 - i) c + i l``: `gate_ratio` c of the two processes for the same function, `length_ratio` l of linear die size
    (wire capacitance per mm hardly changes over nodes: about 0.2 pF/mm, Ho, Mai and Horowitz, Proc. IEEE 89, 2001).

    Examples
    --------
    >>> round(float(switched_capacitance_ratio(gate_ratio=2.0, length_ratio=1.5, interconnect_fraction=0.2)), 6)
    1.9
    """
    i = np.asarray(interconnect_fraction, float)
    return np.asarray((1.0 - i) * gate_ratio + i * length_ratio)


@formula(units_ratio="ratio", tensor_power_share="share")
def active_share(*, units_ratio: Num, tensor_power_share: Num, tensor_fraction: Num, unit_power_fraction: Num) -> Array:
    """Circuits that switch, relative to the original's, when fewer units or tensor units work.

    ``1 + u (n (1 - t (1 - k)) - 1)``: units draw the share `unit_power_fraction` u of dynamic power, n is the enabled
    units over the original's, t the tensor units' share of a unit's power and k the fraction of them that is kept.

    Examples
    --------
    >>> round(float(active_share(units_ratio=0.5, tensor_power_share=0.0, tensor_fraction=1.0, unit_power_fraction=0.8)), 6)
    0.6
    """
    in_units = units_ratio * (1.0 - tensor_power_share * (1.0 - np.asarray(tensor_fraction, float)))
    return np.asarray(1.0 + unit_power_fraction * (in_units - 1.0))


@formula()
def link_power(*, linked_dies: Num, d2d_bandwidth_tb_s: Num, d2d_energy_pj_bit: Num) -> Array:
    """Power of die-to-die links at full bandwidth, W; each bit passes the interfaces of two dies, and is paid once.

    Examples
    --------
    >>> float(link_power(linked_dies=4, d2d_bandwidth_tb_s=2.0, d2d_energy_pj_bit=0.5))
    16.0
    """
    return np.asarray(np.asarray(linked_dies, float) * d2d_bandwidth_tb_s * 8.0 * d2d_energy_pj_bit / 2.0)


@formula(energy_ratio="ratio")
def io_power(*, io_power_w: Num, d2d_bandwidth_tb_s: Num, d2d_energy_pj_bit: Num, energy_ratio: Num) -> Array:
    """Power of links and I/O of a design whose kinds of dies exchange its memory traffic, W.

    Of the power at home the links between the dies take ``bandwidth x energy``, at most all; that part follows the energy of their
    processes, and the rest stays.

    Examples
    --------
    >>> float(io_power(io_power_w=100, d2d_bandwidth_tb_s=5.0, d2d_energy_pj_bit=0.25, energy_ratio=2.0))
    110.0
    """
    links = np.asarray(d2d_bandwidth_tb_s, float) * 8.0 * d2d_energy_pj_bit
    return np.asarray(io_power_w + np.minimum(links, io_power_w) * (np.asarray(energy_ratio, float) - 1.0))


@formula(supply_v="any_supply_v", clock_ghz="any_clock_ghz")
def dynamic_power(*, switched_w: Num, supply_v: Num, clock_ghz: Num) -> Array:
    """Dynamic power ``C V^2 f``, W (Chandrakasan, Sheng and Brodersen, IEEE J. Solid-State Circuits 27, 1992).

    Parameters
    ----------
    switched_w : float or array
        Switched capacitance: dynamic power per V^2 and GHz.
    supply_v, clock_ghz : float or array
        Supply voltage, V, and clock, GHz.

    Examples
    --------
    >>> round(float(dynamic_power(switched_w=300, supply_v=0.8, clock_ghz=1.5)), 6)
    288.0
    """
    v = np.asarray(supply_v, float)
    return np.asarray(switched_w * v * v * clock_ghz)


@formula(bandwidth_gb_s="bandwidth_any_gb_s")
def memory_power(*, bandwidth_gb_s: Num, energy_pj_bit: Num, memory_stacks: Num, static_w: Num) -> Array:
    """Power of the memory devices at full bandwidth, W: energy per bit moved plus a floor per stack or device.

    Examples
    --------
    >>> round(float(memory_power(bandwidth_gb_s=3350, energy_pj_bit=3.92, memory_stacks=5, static_w=1.0)), 1)
    110.1
    """
    return np.asarray(
        np.asarray(bandwidth_gb_s, float) * 8e-3 * energy_pj_bit + np.asarray(memory_stacks, float) * static_w
    )
