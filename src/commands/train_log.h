#pragma once

#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/options.h"

namespace mnist {

// What training says on standard error before it begins.

/// The versions of what it is made of, for --verbose.
void log_versions();

/// The images. Warns if there are none to test on.
void log_data(const DataSplits& data);

/// The engine, what it computes on, and why.
void log_engine(const EngineChoice& choice, const Options& options);

/// Warns of options that keep the learning rate from taking its course.
void warn_of_schedule(const TrainingOptions& options);

}  // namespace mnist
