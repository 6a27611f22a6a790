#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

// The defaults of the options. The command line binds its options to these members.

struct DataOptions {
  std::string dir = {};  ///< empty: $MNIST_DATA_DIR, ./data, $XDG_DATA_HOME/mnist
  std::optional<std::int64_t> train_limit = {};  ///< use at most the first N images
  std::optional<std::int64_t> test_limit = {};
  std::int64_t validation = 0;  ///< images at the end of the training set that are held out

  bool operator==(const DataOptions&) const = default;
};

enum class Split { kTrain, kTest };

/// How the learning rate changes after the warm-up: not at all, or it decays to 0 along a line or
/// along half a cosine.
enum class LrSchedule { kConstant, kLinear, kCosine };

/// Data augmentation of the training images. Each kind includes the one before it.
enum class Augment {
  kNone,
  kShift,    ///< translation by whole pixels
  kAffine,   ///< translation, rotation, scaling, shear and stroke width
  kElastic,  ///< and displacement of each pixel by a smooth random field
};

/// Each image is augmented anew in every epoch, by random amounts up to these.
struct AugmentOptions {
  Augment kind = Augment::kNone;
  std::optional<double> translate;  ///< pixels in each direction; none: 1 if elastic, else 2
  double degrees = 10.0;            ///< of rotation, in both directions
  double scale = 0.1;               ///< 0.1: factors from 0.9 to 1.1
  double shear = 5.0;               ///< degrees, in both directions, along the rows
  double stroke = 0.0;              ///< pixels by which strokes become wider or narrower, at most 2
  double alpha = 17.0;  ///< elastic displacement strength in pixels: half of torchvision's
  double sigma = 4.0;   ///< standard deviation, in pixels, of the Gaussian that smooths it

  double largest_translation() const {
    return translate.value_or(kind == Augment::kElastic ? 1.0 : 2.0);
  }
};

/// What the trained weights depend on, besides the data.
struct TrainingOptions {
  std::int64_t epochs = 30;
  std::int64_t batch = 20;  ///< batch size; the last batch of an epoch may be shorter
  double lr = 0.01;         ///< peak learning rate
  LrSchedule lr_schedule = LrSchedule::kConstant;
  double warmup = 0.0;  ///< epochs in which the learning rate rises from 0 to lr
  double momentum = 0.0;
  double weight_decay = 0.0;
  double label_smoothing = 0.0;                ///< from 0 to 1, as in torch.nn.CrossEntropyLoss
  std::vector<std::int64_t> hidden{256, 256};  ///< sizes of the hidden layers; may be empty
  std::int64_t seed = 1;                       ///< 0 to 2^32-1, all that LibTorch's generator uses
  bool shuffle = false;                        ///< reshuffle the training set every epoch
  AugmentOptions augment = {};
  std::optional<std::int64_t> patience = {};  ///< epochs without a new best validation loss
  std::optional<double> max_seconds = {};     ///< checked between epochs
};

enum class EngineKind { kAuto, kAutograd, kSparse };

/// Where training runs. The weights depend on it by rounding only.
struct ComputeOptions {
  EngineKind engine = EngineKind::kAuto;
  std::string device = "auto";  ///< or cpu, cuda, or cuda:N for the GPU of this number
  int threads = 1;
};

}  // namespace mnist
