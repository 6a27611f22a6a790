#include <spdlog/spdlog.h>

#include "base/fail.h"
#include "base/text.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "mnist_train/train.h"
#include "run/record.h"
#include "terminal/console.h"
#include "terminal/text.h"
#include "train/engine.h"

namespace mnist {

std::string below_min_accuracy(const ConfusionMatrix& test, std::optional<double> percent) {
  // To multiply first makes 290 of 500 exactly 58; 100 * (290 / 500.0) is a little less.
  const auto correct = static_cast<double>(test.correct());
  if (!percent || 100 * correct / static_cast<double>(test.total()) >= *percent) return "";
  return fmt::format(
      "expected a test accuracy of at least {} % (--min-accuracy), found {} of {} correct",
      shortest(*percent), test.correct(), test.total());
}

void expect_test_images(const DataSplits& data, std::optional<double> min_accuracy) {
  if (!min_accuracy || data.test.size() > 0) return;
  fail(ErrorKind::kUsage, "--min-accuracy: expected a test set, found none in {}", data.dir);
}

ExitCode eval_command(const EvalOptions& options) {
  set_up_log(options.verbosity);
  const int threads = usable_threads(options.threads);
  const Mlp model = read_model(options.model);
  const std::string dir = find_data_dir(options.data_dir).string();
  const Dataset data = load_split(dir, Split::kTest, options.test_limit);
  spdlog::info("data     {}: {} test images{}", printable(dir), data.size(), describe_set(dir));
  spdlog::info("model    {}: {}", printable(options.model), describe(*model));
  const Evaluation evaluation = evaluate(sparse_logits(model, data.images, threads), data.labels);
  if (options.json) {
    write_out(to_json(evaluation, options.model, dir) + "\n");
  } else {
    write_out(evaluation_text(evaluation) + "\n");
    if (options.confusion) write_out("\n" + confusion_table(evaluation.confusion) + "\n");
  }
  const std::string problem = below_min_accuracy(evaluation.confusion, options.min_accuracy);
  if (problem.empty()) return ExitCode::kDone;
  print_error(problem);
  return ExitCode::kBelowMinAccuracy;
}

}  // namespace mnist
