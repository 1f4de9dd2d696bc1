"""Numbers of results as people read them."""

from django import template

register = template.Library()

SMALLEST_P = 0.001
NOTHING = "–"


@register.filter
def p_value(p: float | None) -> str:
    """Three decimals; below 0.001 in powers of ten down to 1e-15."""
    if p is None:
        return NOTHING
    if p >= SMALLEST_P:
        return f"{p:.3f}"
    return f"{p:.1e}" if p > 1e-15 else "< 1e-15"


@register.filter
def metric(value: float | None) -> str:
    """Three decimals; a dash where a metric is not defined."""
    return NOTHING if value is None else f"{value:.3f}"


@register.filter
def significant(value: float | None) -> str:
    """Six significant digits."""
    return NOTHING if value is None else f"{value:.6g}"
