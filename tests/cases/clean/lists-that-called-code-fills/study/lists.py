import random

from torch import nn


def with_last(out):
    out.append(1)


def handed_on(rows, deep=True):
    with_last(out=rows)


class Filled(nn.Module):
    def __init__(self, sizes=()):
        super().__init__()
        sizes = list(sizes)
        with_last(sizes)
        if not sizes:
            raise ValueError("no sizes")


class FilledFartherOn(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        handed_on(sizes)
        if len(sizes) == 0:
            raise ValueError("no sizes")


class FilledByItself(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes = sizes
        self.prepare()
        if len(self.sizes) == 0:
            raise ValueError("no sizes")

    def prepare(self):
        for size in (1, 2):
            self.sizes.append(size)


class FilledWhereAsked(nn.Module):
    def __init__(self, sizes, fill=with_last):
        super().__init__()
        other = sizes
        if len(other) < 3:
            fill(other)
        if len(sizes) == 0:
            raise ValueError("no sizes")


class Shuffled(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        random.shuffle(sizes)
        if sizes[0] == 3 and len(sizes) > 1:
            raise ValueError("3 comes first")
