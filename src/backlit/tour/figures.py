"""How numbers are written in prose and tables, with a true minus sign and true powers of ten."""

from ..show import notation

_RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float, digits: int = 6) -> str:
    """With at most so many digits.

    >>> plain(-0.25), plain(1e-05), plain(1.4142e-17, 2)
    ('−0.25', '10⁻⁵', '1.4·10⁻¹⁷')
    """
    text = notation.plain(value, digits)
    mantissa, e, exponent = text.replace("e−0", "e−").replace("e+", "e").partition("e")
    power = f"10{exponent.translate(_RAISED)}" if e else ""
    return power if mantissa == "1" and e else "·".join(filter(None, [mantissa, power]))


def fixed(value: float, decimals: int) -> str:
    """With so many decimals, so that a column lines up.

    >>> fixed(-0.25, 3)
    '−0.250'
    """
    return f"{value:z.{decimals}f}".replace("-", "−")


def signed(value: float, digits: int = 6) -> str:
    """With its sign.

    >>> signed(4.0), signed(-4.0)
    ('+4', '−4')
    """
    return f"{value:+.{digits}g}".replace("-", "−")
