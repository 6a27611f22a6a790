#include <cmath>

#include "base/fail.h"
#include "cli/option_table.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kMaxPngImages = 2000;  // 200 rows of ten

class Checks {
 public:
  explicit Checks(const Given& given) : given_(given) {}

  void excludes(const char* one, const char* other) const {
    if (given_.count(one) + given_.count(other) == 2)
      fail(ErrorKind::kUsage, "{} excludes {}", one, other);
  }

  /// What an option needs to have an effect.
  void needs(const char* option, bool has_effect, const char* needed) const {
    if (given_.count(option) == 1 && !has_effect)
      fail(ErrorKind::kUsage, "{} requires {}", option, needed);
  }

 private:
  const Given& given_;
};

void check_augment(const AugmentOptions& augment, const Checks& check) {
  check.needs("--translate", augment.kind >= Augment::kShift, "--augment shift, affine or elastic");
  for (const char* option : {"--degrees", "--scale", "--shear"}) {
    check.needs(option, augment.kind >= Augment::kAffine, "--augment affine or elastic");
  }
  for (const char* option : {"--alpha", "--sigma"}) {
    check.needs(option, augment.kind == Augment::kElastic, "--augment elastic");
  }
  const double pixels = augment.largest_translation();
  if (augment.kind == Augment::kShift && (pixels < 1 || pixels != std::floor(pixels))) {
    fail(ErrorKind::kUsage,
         "--translate: expected a whole number from 1 to {} with --augment shift, found '{}'",
         kImageSide, to_setting(pixels));
  }
}

void check_run(const Options& options, const Checks& check) {
  for (const char* option : {"--save-every", "--resume", "--overwrite", "--skip-if-done"}) {
    check.needs(option, !options.output.dir.empty(), "--out");
  }
  check.needs("--patience", options.data.validation > 0, "--validation");
  check.excludes("--resume", "--overwrite");
  check.excludes("--quiet", "--verbose");
  check.excludes("--version", "--print-config");
  check_augment(options.training.augment, check);
}

void check_show(const ShowOptions& show, const Checks& check) {
  const bool augments = show.augment.kind != Augment::kNone;
  const Split split = show.split.value_or(show.wrong ? Split::kTest : Split::kTrain);
  check_augment(show.augment, check);
  check.needs("--augment", !augments || split == Split::kTrain, "training images");
  check.needs("--epoch", augments, "--augment");
  check.needs("--seed", show.random || augments, "--random or --augment");
  check.needs("--wrong", !show.model.empty(), "--model");
  check.needs("--model", show.wrong, "--wrong");
  check.excludes("--random", "--index");
  if (!show.png.empty() && show.count > kMaxPngImages) {
    fail(ErrorKind::kUsage, "--count: expected at most {} with --png, found {}", kMaxPngImages,
         show.count);
  }
}

}  // namespace

void check_options(const CommandLine& line, const Given& given) {
  const Checks check(given);
  switch (line.action) {
    case CommandLine::Action::kTrain:
    case CommandLine::Action::kPrintConfig:
    case CommandLine::Action::kVersion:
    case CommandLine::Action::kDoctor:
      return check_run(line.options, check);
    case CommandLine::Action::kShow:
      return check_show(line.show, check);
    case CommandLine::Action::kEval:
      return check.excludes("--json", "--confusion");
    case CommandLine::Action::kPredict:
      return check.excludes("--json", "--show");
    default:
      return;
  }
}

}  // namespace mnist
