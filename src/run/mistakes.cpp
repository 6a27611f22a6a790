#include "run/mistakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model_file.h"

namespace mnist {
namespace {

/// Whether both may be results of one model on the same images: as many images of each digit, and
/// nearly the same accuracy. Another processor or number of threads may round in another way, and
/// so classify a few images as another digit.
bool nearly_the_same(const ConfusionMatrix& one, const ConfusionMatrix& other) {
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    if (one.total(digit) != other.total(digit)) return false;
  }
  const std::int64_t tolerance = 1 + one.total() / 1000;
  return std::abs(one.correct() - other.correct()) <= tolerance;
}

}  // namespace

GrayImage image_at(const Dataset& data, std::int64_t position) {
  const torch::Tensor bytes = data.images[position].contiguous();
  GrayImage image(kImageSide, kImageSide);
  std::copy_n(bytes.data_ptr<std::uint8_t>(), kPixels, image.pixels.begin());
  return image;
}

std::string fingerprint_text(const Dataset& data) {
  return fmt::format("{:016x}", fingerprint(data));
}

std::vector<Mistake> most_confident_mistakes(const torch::Tensor& logits, const Dataset& test,
                                             std::size_t count) {
  std::vector<Mistake> mistakes;
  for (const auto& found : most_confident(find_misclassified(logits, test.labels), count)) {
    mistakes.push_back({found, image_at(test, found.position)});
  }
  return mistakes;
}

void find_mistakes_again(RunRecord& run, std::size_t count) {
  if (!run.test) return;
  try {
    const Mlp model = read_model(run.dir);
    const Dataset data = load_split(run.data_dir, Split::kTest, run.test_images);
    if (run.test_fingerprint && *run.test_fingerprint != fingerprint_text(data)) {
      run.no_mistakes = "Not shown: the data folder now holds other test images.";
      return;
    }
    const torch::Tensor logits = compute_logits(model, data.images);
    if (!nearly_the_same(evaluate(logits, data.labels).confusion, run.test->confusion)) {
      run.no_mistakes = "Not shown: on the data that is there now, the model gives another result.";
      return;
    }
    run.mistakes = most_confident_mistakes(logits, data, count);
  } catch (const Error& error) {
    run.no_mistakes = fmt::format("Not shown: {}.", error.what());
  }
}

}  // namespace mnist
