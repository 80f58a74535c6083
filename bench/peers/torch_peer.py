"""PyTorch, eager: modules, autograd, and its own optimisers in their fused form."""

import cases
import torch
from torch.nn import functional

LIBRARY = f"PyTorch {torch.__version__.split('+')[0]}"
MODULES = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}
LOSSES = {
    "mse": functional.mse_loss,
    "half_mse": lambda h, y: functional.mse_loss(h, y, reduction="sum") / (2 * len(h)),
    "softmax": functional.cross_entropy,
}


def network(case):
    """The case's network, with the case's first weights."""
    layers = []
    for W, b in cases.weights(case):
        linear = torch.nn.Linear(*W.shape)
        linear.weight.data.copy_(torch.from_numpy(W.T))
        linear.bias.data.copy_(torch.from_numpy(b))
        layers += [linear, MODULES[case.activation]()]
    return torch.nn.Sequential(*(layers if case.loss == "half_mse" else layers[:-1]))


def train(job, report, prepare=lambda function: function):
    """The usual loop; `prepare` may compile the loss."""
    case = job.case
    X, y = map(torch.from_numpy, cases.data(case))
    model = network(case)
    loss_of = LOSSES[case.loss]
    if case.optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=case.rate, fused=True)
    else:
        optimizer = torch.optim.Adam(
            model.parameters(), lr=case.rate, betas=cases.BETAS, eps=cases.EPS, fused=True
        )
    loss_fn = prepare(lambda x, target: loss_of(model(x), target))
    for epoch in range(1, job.epochs + 1):
        total = 0.0
        for part in torch.from_numpy(cases.order(case, epoch)).split(case.batch):
            loss = loss_fn(X.index_select(0, part), y.index_select(0, part))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        if report(total / case.rows):
            break
