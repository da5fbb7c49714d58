"""Laws of power, worked by hand or from a paper: dynamic, leakage, what switches, links and memory."""

import numpy as np
import pytest

from estimator.parameters.library import constants
from estimator.physics.power import (
    active_share,
    dynamic_power,
    leakage_at_reference,
    leakage_factor,
    leakage_supply_factor,
    link_power,
    memory_power,
    switched_capacitance_ratio,
)


def test_dynamic_power_goes_with_the_square_of_the_supply():
    """Chandrakasan, Sheng and Brodersen 1992: C V^2 f. From 1.0 to 0.8 V at 1 GHz 36 % less, at half the clock half of it."""
    full = dynamic_power(switched_w=100, supply_v=1.0, clock_ghz=1.0)
    assert float(full) == 100
    assert float(dynamic_power(switched_w=100, supply_v=0.8, clock_ghz=1.0)) == pytest.approx(64)
    assert float(dynamic_power(switched_w=100, supply_v=0.8, clock_ghz=0.5)) == pytest.approx(32)


def test_leakage_rises_with_supply_and_temperature():
    """0.2 V above nominal: 1.25 times the voltage and e times the current; 25 K above 85 C twice, 50 K below a quarter."""
    law = {"nominal_supply_v": 0.8, "leakage_voltage_scale_v": 0.2}
    assert float(leakage_supply_factor(supply_v=1.0, **law)) == pytest.approx(1.25 * np.e)
    assert float(leakage_supply_factor(supply_v=0.6, **law)) == pytest.approx(0.75 / np.e)
    warm = {"supply_v": 0.8, "leakage_doubling_k": 25.0, **law}
    assert leakage_factor(junction_c=np.array([85.0, 110.0, 35.0]), **warm).tolist() == pytest.approx([1, 2, 0.25])
    both = leakage_factor(supply_v=1.0, junction_c=110.0, leakage_doubling_k=25.0, **law)
    assert float(both) == pytest.approx(2.5 * np.e)


def test_leakage_of_a_die_is_that_of_its_logic_and_of_its_memory():
    parts = {"logic_area_mm2": 400, "sram_area_mm2": 150, "leakage_logic_w_mm2": 0.05, "leakage_sram_w_mm2": 0.01}
    assert float(leakage_at_reference(**parts)) == pytest.approx(20 + 1.5)


def test_gates_and_wires_switch():
    """A quarter of the capacitance is global wires: gates at 0.6 and a die of 0.8 of the length give 0.75 0.6 + 0.25 0.8."""
    ratio = switched_capacitance_ratio(gate_ratio=0.6, length_ratio=0.8, interconnect_fraction=0.25)
    assert float(ratio) == pytest.approx(0.65)


@pytest.mark.parametrize(
    ("units", "tensor", "kept", "in_units", "share"),
    [
        (1.0, 0.3, 1.0, 0.8, 1.0),
        (1.0, 0.3, 0.5, 0.8, 1 + 0.8 * (0.85 - 1)),
        (1.0, 0.3, 0.0, 0.8, 1 + 0.8 * (0.7 - 1)),
        (1.5, 0.2, 0.25, 0.6, 1 + 0.6 * (1.5 * 0.85 - 1)),
        (0.0, 0.2, 1.0, 0.6, 0.4),
    ],
)
def test_what_switches_when_units_or_tensor_units_are_left_out(units, tensor, kept, in_units, share):
    found = active_share(
        units_ratio=units, tensor_power_share=tensor, tensor_fraction=kept, unit_power_fraction=in_units
    )
    assert float(found) == pytest.approx(share)


def test_links_and_memory_pay_for_each_bit():
    """3 dies at 2 TB/s are 48 Tbit/s, each bit counted on two dies: 24 Tbit/s at 0.5 pJ. Memory: 1 TB/s at 4 pJ, 6 floors."""
    assert float(link_power(linked_dies=3, d2d_bandwidth_tb_s=2.0, d2d_energy_pj_bit=0.5)) == pytest.approx(12)
    found = memory_power(bandwidth_gb_s=1000, energy_pj_bit=4.0, memory_stacks=6, static_w=1.5)
    assert float(found) == pytest.approx(32 + 9)


def test_planar_leakage_is_steeper_than_that_of_fins_and_its_range_holds_a_measured_k20():
    m = constants()
    planar, fins = m["leakage_voltage_scale_planar_v"], m["leakage_voltage_scale_finfet_v"]
    assert float(planar) < float(fins)

    def exponent(scale_v):  # of leakage over supply at the K20's 1.0 V, on both sides of it
        law = {"nominal_supply_v": 1.0, "leakage_voltage_scale_v": scale_v}
        low, high = (float(leakage_supply_factor(supply_v=v, **law)) for v in (0.99, 1.01))
        return np.log(high / low) / np.log(1.01 / 0.99)

    assert exponent(planar.high) == pytest.approx(2.0, abs=1e-3)  # about quadratic (Price et al., arXiv 1407.8116)
    assert exponent(planar.low) > 4.0
