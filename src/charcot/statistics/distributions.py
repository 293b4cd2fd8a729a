"""Tail areas and quantiles of the normal, t, F, chi-squared and beta distributions, from scipy.special.

SciPy is imported on first use: the room stays light to import, and scipy.special, unlike scipy.stats, loads
in a blink. scipy.stats calls the same functions for these numbers.
"""


def compute_normal_quantile(share: float) -> float:
    """Compute the value below which this share (0 to 1) of a standard normal lies.

    >>> round(compute_normal_quantile(0.975), 6)
    1.959964
    """
    from scipy.special import ndtri

    return float(ndtri(share))


def compute_t_quantile(share: float, df: float) -> float:
    """Compute the value below which this share (0 to 1) of Student's t with df > 0 lies.

    >>> round(compute_t_quantile(0.975, 9), 6)
    2.262157
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, share))


def compute_f_tail(f: float, df: float, error_df: float) -> float:
    """Compute the probability that an F variable exceeds f; the degrees of freedom need not be whole.

    >>> round(compute_f_tail(4.256495, 2, 9), 6)
    0.05
    """
    from scipy.special import fdtrc

    return float(fdtrc(df, error_df, f))


def compute_chi_squared_tail(value: float, df: float) -> float:
    """Compute the probability that a chi-squared variable exceeds a value >= 0.

    >>> round(compute_chi_squared_tail(3.841459, 1), 6)
    0.05
    """
    from scipy.special import gammaincc

    return float(gammaincc(df / 2, value / 2))


def compute_chi_squared_quantile(share: float, df: float) -> float:
    """Compute the value below which this share (0 to 1) of a chi-squared variable lies.

    >>> round(compute_chi_squared_quantile(0.95, 1), 6)
    3.841459
    """
    from scipy.special import gammaincinv

    return 2 * float(gammaincinv(df / 2, share))


def compute_beta_quantile(share: float, a: float, b: float) -> float:
    """Compute the value below which this share (0 to 1) of a beta variable with a, b > 0 lies.

    >>> round(compute_beta_quantile(0.25, 1, 1), 6)
    0.25
    """
    from scipy.special import betaincinv

    return float(betaincinv(a, b, share))
