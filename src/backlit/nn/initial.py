"""Initial weights: functions (rng, fan_in, fan_out) → array (fan_in, fan_out)."""


def standard(rng, fan_in, fan_out):
    """N(0, 1): Nielsen's first networks."""
    return rng.normal(size=(fan_in, fan_out))


def lecun_normal(rng, fan_in, fan_out):
    """N(0, 1/fan_in): keeps the variance of a linear layer (LeCun 1998; Rashid's network)."""
    return rng.normal(0, fan_in**-0.5, (fan_in, fan_out))


def glorot_normal(rng, fan_in, fan_out):
    """N(0, 2/(fan_in + fan_out)), for tanh and sigmoid (Glorot and Bengio 2010)."""
    return rng.normal(0, (2 / (fan_in + fan_out)) ** 0.5, (fan_in, fan_out))


def glorot_uniform(rng, fan_in, fan_out):
    """U(−a, a), a = √(6/(fan_in + fan_out)) (Glorot and Bengio 2010)."""
    bound = (6 / (fan_in + fan_out)) ** 0.5
    return rng.uniform(-bound, bound, (fan_in, fan_out))


def he_normal(rng, fan_in, fan_out):
    """N(0, 2/fan_in), for rectifiers (He et al. 2015)."""
    return rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out))


def he_uniform(rng, fan_in, fan_out):
    """U(−a, a), a = √(6/fan_in), for rectifiers (He et al. 2015)."""
    bound = (6 / fan_in) ** 0.5
    return rng.uniform(-bound, bound, (fan_in, fan_out))
