#pragma once

#include "mnist_train/exit_code.h"
#include "mnist_train/options.h"

namespace mnist {

// What the program can be asked to do, one a file. Results go to standard output, the log to
// standard error. All throw Error, with the code to exit with.

/// The main job: loads the data, trains, tests, prints, and writes the files of the run.
ExitCode train_command(const Options& options);

/// Shows images of a data set, in the terminal or as a PNG file.
ExitCode show_command(const ShowOptions& options);

/// Tests a saved model on the test images of a data set.
ExitCode eval_command(const EvalOptions& options);

/// Says what a saved model takes image files for. Returns kData if some could not be read.
ExitCode predict_command(const PredictOptions& options);

/// Writes a page about runs.
ExitCode report_command(const ReportOptions& options);

/// Lets a browser on this machine draw digits for a saved model, until it is interrupted.
ExitCode serve_command(const ServeOptions& options);

}  // namespace mnist
