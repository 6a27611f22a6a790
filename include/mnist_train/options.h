#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

// The one place of every option's default. The command line binds its options to these members.

struct DataOptions {
  std::string dir = {};  ///< empty: $MNIST_DATA_DIR, ./data, $XDG_DATA_HOME/mnist
  std::optional<std::int64_t> train_limit = {};  ///< use at most the first N images
  std::optional<std::int64_t> test_limit = {};
  std::int64_t validation = 0;  ///< images at the end of the training set that are held out

  bool operator==(const DataOptions&) const = default;
};

enum class Split { kTrain, kTest };

/// How the learning rate goes on after the warm-up: it stays, or it falls to 0 along a line, or
/// along half a cosine.
enum class LrSchedule { kConstant, kLinear, kCosine };

/// How training images are distorted. Each kind includes the one before it.
enum class Augment {
  kNone,
  kShift,    ///< moved by whole pixels
  kAffine,   ///< moved, rotated, scaled and sheared
  kElastic,  ///< and its pixels displaced by a smooth random field
};

/// Every image is distorted anew in each epoch, by random amounts up to these.
struct AugmentOptions {
  Augment kind = Augment::kNone;
  std::optional<double> translate;  ///< pixels each way; none: 1 if elastic, else 2
  double degrees = 10.0;            ///< of rotation, either way
  double scale = 0.1;               ///< 0.1: from 0.9 to 1.1 times as large
  double shear = 5.0;               ///< degrees, either way, along the rows
  double alpha = 17.0;  ///< pixels by which noise from -1 to 1, once smoothed, displaces
  double sigma = 4.0;   ///< pixels, of the Gaussian that smooths it

  double largest_translation() const {
    return translate.value_or(kind == Augment::kElastic ? 1.0 : 2.0);
  }
};

/// What the trained weights depend on, besides the data.
struct TrainingOptions {
  std::int64_t epochs = 30;
  std::int64_t batch = 20;  ///< images a step; the last batch of an epoch may be shorter
  double lr = 0.01;         ///< learning rate; the highest, if it changes
  LrSchedule lr_schedule = LrSchedule::kConstant;
  double warmup = 0.0;  ///< epochs in which the rate rises from 0 to lr
  double momentum = 0.0;
  double weight_decay = 0.0;
  double label_smoothing = 0.0;                ///< from 0 to 1, as in torch.nn.CrossEntropyLoss
  std::vector<std::int64_t> hidden{256, 256};  ///< widths of the hidden layers; empty: none
  std::int64_t seed = 1;                       ///< 0 to 2^32-1, all that LibTorch's generator uses
  bool shuffle = false;                        ///< off: the order of the file, in every epoch
  AugmentOptions augment = {};
  std::optional<std::int64_t> patience = {};  ///< epochs without a new best validation loss
  std::optional<double> max_seconds = {};     ///< looked at between epochs
};

enum class EngineKind { kAuto, kAutograd, kSparse };

/// What computes. The weights do not depend on it, except by rounding.
struct ComputeOptions {
  EngineKind engine = EngineKind::kAuto;
  std::string device = "auto";  ///< or cpu, cuda, or cuda:N for the GPU of this number
  int threads = 1;
};

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// What to do with a folder that holds a run already.
enum class Existing { kRefuse, kResume, kOverwrite };

struct OutputOptions {
  std::string dir;  ///< empty: nothing is written
  Existing existing = Existing::kRefuse;
  bool skip_if_done = false;
  std::int64_t save_every = 1;  ///< epochs
  bool json = false;            ///< on standard output, in place of the text
};

}  // namespace mnist
