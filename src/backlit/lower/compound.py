"""Equations of several ops that stand together in real graphs; each is one kernel of the player.

Name → expression, the largest first. Its names are the operands, in order of first appearance; its
operators and functions are those of the `kernel` facts of ops. Lowering finds the expression's tree
in a graph, whatever the order in sums and products; csrc/kernels.py makes it C++. One pass over the
arrays in place of several: Adam is a fifth faster with its step as one line.

The file is read as text, too: it holds literals only.
"""

COMPOUND: dict[str, str] = {
    # optimisers
    "adam_step": "w - a * m / (sqrt(v) * b + c)",
    "scaled_step": "w - a * g / (sqrt(s) + c)",  # Adagrad, RMSprop
    "nesterov_step": "w - a * (g + b * v)",
    "average_square": "a * x + b * y**2",
    "average": "a * x + b * y",
    # backward rules
    "silu_back": "g * sigmoid(z) * (1 + z * sigmoid(-z))",
    "gelu_back": "g * (normal_cdf(z) + z * normal_density(z))",
    "elu_back": "g if z > 0 else g * exp(min(z, 0))",  # alpha = 1
    "leaky_relu_back": "g if z > 0 else a * g",
    "sigmoid_back": "g * y * (1 - y)",
    "tanh_back": "g * (1 - y**2)",
    "relu_back": "g * (z > 0)",
    "softplus_back": "g * sigmoid(z)",
    # losses and softmax
    "scaled_difference": "a * (x - y)",
    "exp_difference": "exp(x - y)",
    # anywhere
    "add_square": "x + y**2",
    "multiply_add": "x * y + z",
    "multiply_subtract": "x * y - z",
    "subtract_multiply": "z - x * y",  # a step against the slope, w − α g
}

CASTS: dict[str, str] = {  # what `astype` does to numbers that the player holds as floats
    "copy": "x",
    "to_int": "trunc(x)",
    "to_bool": "x != 0",
}
