"""Repair: which defects kill a die at all, and which kill only a unit or a memory channel that can be switched off."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula


class Exposed(NamedTuple):
    """Defect-weighted area of a die over its area, and the shares of it in compute units and in memory channels."""

    exposed_fraction: Array
    unit_share: Array
    memory_share: Array


@formula()
def exposed_shares(
    *,
    logic_fraction: Num,
    sram_fraction: Num,
    analog_fraction: Num,
    unit_area_fraction: Num,
    memory_area_fraction: Num,
    unit_sram_share: Num,
    slice_sram_share: Num,
    sram_defect_weight: Num,
    analog_defect_weight: Num,
) -> Exposed:
    """Defect-weighted area of a die over its area, and the weighted shares of its compute units and memory channels.

    Logic counts whole; SRAM by `sram_defect_weight`, for spare rows and columns repair the rest; analog, PHYs and pads by
    `analog_defect_weight`, their critical area. SRAM lies in the units (`unit_sram_share`), in L2 slices that are switched off
    with a memory channel (`slice_sram_share` of the rest, with tags and control as large again), and elsewhere. PHYs belong to
    the channels.

    Notes
    -----
    Checked on two numbers: H200 about 0.85 sellable, and an H100 that sells 50 of 60 MB of L2. The weights are estimates.

    References
    ----------
    C. H. Stapper, "Modeling of integrated circuit defect sensitivities", IBM J. Res. Dev. 27 (1983): critical area.

    Examples
    --------
    >>> shares = exposed_shares(logic_fraction=0.7344, sram_fraction=0.1197, analog_fraction=0.1459, unit_area_fraction=0.55,
    ...     memory_area_fraction=0.1012, unit_sram_share=0.55, slice_sram_share=0.8, sram_defect_weight=0.1,
    ...     analog_defect_weight=0.4)
    >>> [round(float(s), 3) for s in shares]
    [0.805, 0.61, 0.109]
    """
    logic, sram, analog = (np.asarray(v, float) for v in (logic_fraction, sram_fraction, analog_fraction))
    units, channels = np.asarray(unit_area_fraction, float), np.asarray(memory_area_fraction, float)
    exposed = np.minimum(logic + sram * sram_defect_weight + analog * analog_defect_weight, 1.0)
    inside = np.minimum(sram * unit_sram_share, units)
    of_units = np.minimum(units - inside * (1.0 - np.asarray(sram_defect_weight, float)), exposed)
    phy = np.minimum(analog, channels)
    slices = (sram - inside) * slice_sram_share
    control = np.minimum(slices, np.maximum(logic - (units - inside) - (channels - phy), 0.0))
    of_channels = channels - phy + phy * analog_defect_weight + slices * sram_defect_weight + control
    of_channels = np.minimum(of_channels, exposed - of_units)
    some = np.maximum(exposed, 1e-12)
    return Exposed(exposed, of_units / some, of_channels / some)
