"""PyTorch and scikit-learn on the same data, first weights and order, where they are installed."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ann_studio.bench.engines import Unavailable
from ann_studio.learning import supervised
from ann_studio.learning.experiment import Sgd
from ann_studio.learning.problem import Problem
from ann_studio.nn.architecture import views

Vector = NDArray[np.float64]


def imported(module: str, title: str, package: str) -> Any:
    """An optional package.

    Raises
    ------
    Unavailable
        If it is not installed or cannot be loaded.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        raise Unavailable(f"{title} is not installed: pip install {package}") from None
    except (ImportError, OSError) as error:
        raise Unavailable(f"{title} cannot be loaded ({error}): pip install --force-reinstall {package}") from None


def _rate(problem: Problem) -> float:
    optimizer = problem.experiment.learning.optimizer
    assert isinstance(optimizer, Sgd)
    return optimizer.learning_rate


class Torch:
    """PyTorch as its tutorials write it (eager), float64 on one thread."""

    title = "PyTorch, eager"

    def __init__(self, problem: Problem) -> None:
        torch = imported("torch", "PyTorch", "torch")
        torch.set_num_threads(1)
        self._torch, self._problem = torch, problem
        architecture, train = problem.architecture, problem.train
        makers = {"tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU}
        modules = []
        for layer, name in enumerate(architecture.activations):
            sizes = architecture.sizes[layer : layer + 2]
            modules.append(torch.nn.Linear(*sizes, dtype=torch.float64))
            modules += [makers[name]()] if name != "softmax" else []  # part of torch's cross entropy
        self._net = torch.nn.Sequential(*modules)
        rate = _rate(problem)
        if architecture.activations[-1] == "softmax":
            self._loss, self._targets = torch.nn.CrossEntropyLoss(), torch.from_numpy(train.targets.argmax(axis=1))
        else:
            # Torch's mse lacks the factor ½. Half the rate is the same and spares it an operation.
            self._loss, self._targets, rate = torch.nn.MSELoss(), torch.from_numpy(train.targets), rate / 2
        self._inputs = torch.from_numpy(train.inputs)
        self._optimizer = torch.optim.SGD(self._net.parameters(), lr=rate)
        self.reset()

    def _layers(self) -> list[Any]:
        return [module for module in self._net if isinstance(module, self._torch.nn.Linear)]

    def reset(self) -> None:
        """Go back to the first weights."""
        with self._torch.no_grad():
            pairs = zip(self._layers(), views(self._problem.architecture, self._problem.first_theta), strict=True)
            for module, (weights, biases) in pairs:
                module.weight.copy_(self._torch.from_numpy(weights.T.copy()))
                module.bias.copy_(self._torch.from_numpy(biases.copy()))

    def train(self, epochs: int) -> None:
        """Train."""
        net, loss, optimizer = self._net, self._loss, self._optimizer
        batch = supervised.batch_size(self._problem)
        for _ in range(epochs):
            for x, y in zip(self._inputs.split(batch), self._targets.split(batch), strict=True):
                optimizer.zero_grad()
                loss(net(x), y).backward()
                optimizer.step()

    def theta(self) -> Vector:
        """The parameters."""
        theta = np.empty_like(self._problem.first_theta)
        for module, (weights, biases) in zip(self._layers(), views(self._problem.architecture, theta), strict=True):
            weights[:], biases[:] = module.weight.detach().numpy().T, module.bias.detach().numpy()
        return theta


class ScikitLearn:
    """scikit-learn's `MLPClassifier.partial_fit`, a call an epoch.

    It has no tanh output with mse. There its own (sigmoid with binary cross entropy) is trained, which costs as much,
    and only its speed can be compared.
    """

    title = "scikit-learn, partial_fit"

    def __init__(self, problem: Problem) -> None:
        network = imported("sklearn.neural_network", "scikit-learn", "scikit-learn")
        architecture, train = problem.architecture, problem.train
        hidden = architecture.activations[0]
        self._problem = problem
        self._classes = train.targets.argmax(axis=1) if train.targets.shape[1] > 1 else (train.targets[:, 0] > 0) * 1
        self._model = network.MLPClassifier(
            hidden_layer_sizes=architecture.sizes[1:-1],
            activation="logistic" if hidden == "sigmoid" else hidden,
            solver="sgd",
            learning_rate_init=_rate(problem),
            momentum=0.0,
            nesterovs_momentum=False,
            alpha=0.0,
            batch_size=supervised.batch_size(problem),
            shuffle=False,
        )
        self._model.partial_fit(train.inputs, self._classes, classes=np.unique(self._classes))
        self.reset()

    @property
    def same_loss(self) -> bool:
        """Whether it descends the task's own loss."""
        return self._problem.architecture.activations[-1] == "softmax"

    def reset(self) -> None:
        """Go back to the first weights."""
        self._copy(self._problem.first_theta, out=False)

    def train(self, epochs: int) -> None:
        """Train."""
        for _ in range(epochs):
            self._model.partial_fit(self._problem.train.inputs, self._classes)

    def theta(self) -> Vector:
        """The parameters."""
        theta = np.empty_like(self._problem.first_theta)
        self._copy(theta, out=True)
        return theta

    def _copy(self, theta: Vector, *, out: bool) -> None:
        """Between `theta` and the model's own arrays, which its optimiser holds on to."""
        pairs = zip(self._model.coefs_, self._model.intercepts_, strict=True)
        for (coefs, intercepts), (weights, biases) in zip(pairs, views(self._problem.architecture, theta), strict=True):
            if out:
                weights[:], biases[:] = coefs, intercepts
            else:
                coefs[:], intercepts[:] = weights, biases
