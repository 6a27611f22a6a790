"""Which trials of a study count.

A study of N trials has N places. A new trial takes a place. When a trial was interrupted, or lost with its
machine, another trial of Optuna's is begun in the same place. So the total is exact with any number of
machines, and no lock is needed: everybody works out the places from the numbers of the trials, and when
two trials have come to the same place, the first one counts.
"""

import zlib

import optuna
from optuna.trial import TrialState

# Attributes of a trial.
RETRY = "retry of"  # the number of the first trial in this place
SURPLUS = "surplus"  # there was no place for this trial
RUN = "run"  # how its run ended, as a dict; missing when no sweep was there to see it

OPEN = (TrialState.RUNNING, TrialState.WAITING)


def first_number(trial):
    """The number of the first trial in the place of this one. It also names the folder of their run."""
    return trial.user_attrs.get(RETRY, trial.number)


def places(trials):
    """All trials of each place in order, by the number of the first of them."""
    found = {}
    for trial in trials:
        if SURPLUS not in trial.user_attrs:
            found.setdefault(first_number(trial), []).append(trial)
    return found


def is_settled(trial):
    """Whether the trial needs no other attempt. A lost one has failed in Optuna, but not by itself."""
    if trial.state == TrialState.FAIL:
        return trial.user_attrs.get(RUN, {}).get("ended") == "failed"
    return trial.state.is_finished()


def counted(trials):
    """The one trial of each place that counts: the settled one if there is one, or else the latest."""
    return [next(filter(is_settled, attempts), attempts[-1]) for attempts in places(trials).values()]


def completed(trials):
    """The trials that were trained to the end."""
    return [trial for trial in trials if trial.state == TrialState.COMPLETE]


class GridSampler(optuna.samplers.BaseSampler):
    """Gives each place of the study its own point of the grid.

    Optuna's own sampler draws a point that nobody has begun, and two machines can draw the same one at the
    same time: two processes with a grid of 20 points missed one or two of them in two of three attempts.
    """

    def __init__(self, points):
        self.points = points

    def infer_relative_search_space(self, study, trial):
        return {}

    def sample_relative(self, study, trial, search_space):
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        place = list(places(study.get_trials(deepcopy=False))).index(first_number(trial))
        return self.points[place % len(self.points)][param_name]


class SeededSampler(optuna.samplers.BaseSampler):
    """Draws each trial with a sampler of its own, whose seed comes from the given one and the trial's number.

    With one sampler for all, a sweep that goes on would draw its first trials once more, and two machines the same.
    """

    def __init__(self, make, seed):
        self.make = make
        self.seed = seed
        self.sampler = make(seed)

    def infer_relative_search_space(self, study, trial):
        self.sampler = self.make(zlib.crc32(f"{self.seed} {trial.number}".encode()))
        return self.sampler.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        return self.sampler.sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        return self.sampler.sample_independent(study, trial, param_name, param_distribution)
