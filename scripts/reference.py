#!/usr/bin/python3
"""The reference implementation of mnist-train in PyTorch: the same network, data order, loss and optimizer.

It is the yardstick for results and for speed: on the same LibTorch and seed, `mnist-train --engine autograd` prints
the same losses.

Debian and Ubuntu: apt-get install python3-torch python3-torchvision, run with the system's python3.
"""

import argparse
import math
import os
import time
from functools import partial
from pathlib import Path

# With two threads sums are rounded in another order. torch.set_num_threads() does not reach OpenBLAS, which reads
# this when torch loads it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

CLASSES = 10
LR = 0.01


def make_model():
    """784-256-256-10 with ReLU; maps [B,1,28,28] images in [0,1] to [B,10] logits."""
    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(),
                         nn.Linear(256, CLASSES))


def learning_rate(arguments, epochs):
    """The learning rate after `epochs` epochs: warm-up for --warmup epochs, then constant, or decay to 0."""
    if epochs < arguments.warmup:
        return LR * epochs / arguments.warmup
    done = (epochs - arguments.warmup) / (arguments.epochs - arguments.warmup)
    if arguments.lr_schedule == "linear":
        return LR * (1 - done)
    if arguments.lr_schedule == "cosine":
        return LR * (1 + math.cos(math.pi * done)) / 2
    return LR


def rate_of_step(arguments, epoch, step, steps):
    """An epoch has eight segments, each with the learning rate of its middle."""
    segments = min(8, steps)
    segment = ((step + 1) * segments - 1) // steps  # it begins with the step segment * steps // segments
    return learning_rate(arguments, epoch - 1 + (segment + 0.5) / segments)


def train_epoch(model, loader, loss_function, optimizer, rate):
    """Trains one epoch, with rate(step) in each step, and returns its loss: the sum over images / images."""
    model.train()
    total = 0.0
    for step, (images, labels) in enumerate(loader):
        optimizer.param_groups[0]["lr"] = rate(step)
        optimizer.zero_grad()
        loss = loss_function(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, loss_function):
    """Returns the mean loss, and how many images of each digit there are and are predicted correctly."""
    model.eval()
    total = 0.0
    count, correct = torch.zeros(2, CLASSES, dtype=torch.int64)
    for images, labels in loader:
        logits = model(images)
        total += loss_function(logits.double(), labels).item() * len(labels)
        count += labels.bincount(minlength=CLASSES)
        correct += labels[logits.argmax(1) == labels].bincount(minlength=CLASSES)
    return total / len(loader.dataset), count, correct


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--train-limit", type=int, help="train on the first N images only")
    parser.add_argument("--lr-schedule", choices=["constant", "linear", "cosine"], default="constant")
    parser.add_argument("--warmup", type=float, default=0)
    parser.add_argument("--label-smoothing", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("data"), help="torchvision root")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    torch.set_num_threads(1)
    train_set = MNIST(arguments.data, train=True, transform=ToTensor())
    train_set = Subset(train_set, range(arguments.train_limit or len(train_set)))
    test_set = MNIST(arguments.data, train=False, transform=ToTensor())

    torch.manual_seed(arguments.seed)
    model = make_model()
    loss_function = nn.CrossEntropyLoss(label_smoothing=arguments.label_smoothing)
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    train_loader = DataLoader(train_set, batch_size=20, shuffle=False)

    for epoch in range(1, arguments.epochs + 1):
        start = time.perf_counter()
        rate = partial(rate_of_step, arguments, epoch, steps=len(train_loader))
        loss = train_epoch(model, train_loader, loss_function, optimizer, rate)
        seconds = time.perf_counter() - start
        speed = len(train_set) / seconds
        print(f"epoch {epoch}/{arguments.epochs}  loss {loss:.6f}  {seconds:.2f} s  {speed:.0f} images/s", flush=True)

    loss, count, correct = evaluate(model, DataLoader(test_set, batch_size=1000), nn.CrossEntropyLoss())
    print(f"\ntest loss {loss:.6f}\n")
    for digit in range(CLASSES):
        percent = 100 * correct[digit] / count[digit]
        print(f"{digit}  {correct[digit]:5d} of {count[digit]:5d}  {percent:6.2f} %")
    percent = 100 * correct.sum() / count.sum()
    print(f"\naccuracy {percent:.2f} % ({correct.sum()} of {count.sum()})")


if __name__ == "__main__":
    main()
