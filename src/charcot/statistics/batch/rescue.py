"""Fits that the batch did not bring to their maximum, tried again one at a time; what remains is told in words."""

import numpy as np

from charcot.statistics.batch.design import BatchDesign
from charcot.statistics.batch.moments import Floats, compute_moments
from charcot.statistics.batch.stacked import CONVERGED, Fits, evaluate_stack, keep_point
from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.fitting import fit, visit_covariances
from charcot.statistics.mixed.model_frame import frame_from_arrays


def rescue(design: BatchDesign, values: Floats, fits: Fits, reml: bool) -> dict[int, str]:
    """Fills in what can be fitted after all, and returns why the others, by their place, cannot."""
    reasons: dict[int, str] = {}
    visits = values.shape[2]
    for place in np.flatnonzero(fits.status != CONVERGED):
        subject, visit = np.nonzero(~np.isnan(values[place]))
        try:
            if len(np.unique(visit)) < visits:
                raise CannotFit("a visit has no values")
            frame = frame_from_arrays(
                values[place, subject, visit],
                design.products.design[subject, visit],
                subject=subject,
                visit=visit,
            )
            sigma = visit_covariances(fit(frame, "us", (), reml))["all"]
        except CannotFit as reason:
            reasons[int(place)] = f"cannot be fitted: {reason}"
        else:
            moments = compute_moments(design.products, values[place : place + 1])
            keep_point(fits, np.array([place]), sigma[None], evaluate_stack(moments, sigma[None], reml), 0)
    return reasons
