#pragma once

#include "cli/cli.h"
#include "mnist_train/data.h"
#include "train/engine.h"

namespace mnist {

// What training says on standard error before it begins.

/// The versions of what it is made of, for --verbose.
void log_versions();

/// The data set. Warns if it lacks a test set or digits, or is nearly black.
void log_data(const DataSplits& data);

void log_model(const MlpImpl& model);

/// The options, and the engine and the device with the reason for them. Warns of options that keep
/// the learning rate from taking its course.
void log_training(const Options& options, const Plan& plan, const Engine& engine);

}  // namespace mnist
