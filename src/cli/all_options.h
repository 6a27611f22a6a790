#pragma once

#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace mnist {

// All that the command line offers, as options of CLI11: parsing, --help, config.toml, the `config`
// of result.json and the key that decides whether a run may be resumed are made from them. An
// option is a member with its default, a line here, and the place that uses it. One that is
// configurable() is kept in config.toml and result.json, and taken from a config file.

constexpr const char* kTrainingGroup = "Training";  ///< the heading over TrainingOptions

/// Adds the options of a training run, bound to `line`, whose present values are the defaults.
void add_main_options(CLI::App& app, CommandLine& line);

/// Adds the commands, and the options of each.
void add_commands(CLI::App& app, CommandLine& line);

/// A parameter of data augmentation.
struct AugmentParameter {
  const char* name;
  Augment least;       ///< the first kind that it has an effect on
  const char* needed;  ///< the kinds, for a message
};

constexpr AugmentParameter kAugmentParameters[] = {
    {"--translate", Augment::kShift, "--augment shift, affine or elastic"},
    {"--degrees", Augment::kAffine, "--augment affine or elastic"},
    {"--scale", Augment::kAffine, "--augment affine or elastic"},
    {"--shear", Augment::kAffine, "--augment affine or elastic"},
    {"--stroke", Augment::kAffine, "--augment affine or elastic"},
    {"--alpha", Augment::kElastic, "--augment elastic"},
    {"--sigma", Augment::kElastic, "--augment elastic"},
};

}  // namespace mnist
